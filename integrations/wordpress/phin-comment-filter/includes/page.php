<?php
/**
 * The page Settings > phin: address, key, a test of the connection, and what waits.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

const PAGE = 'phin-comment-filter';

add_action( 'admin_menu', __NAMESPACE__ . '\\add_page' );
add_action( 'admin_post_phin_comment_filter_save', __NAMESPACE__ . '\\save' );
add_action( 'admin_post_phin_comment_filter_test', __NAMESPACE__ . '\\test' );
add_action( 'admin_notices', __NAMESPACE__ . '\\what_is_missing' );
add_filter( 'plugin_action_links_' . plugin_basename( dirname( __DIR__ ) . '/phin-comment-filter.php' ), __NAMESPACE__ . '\\add_link' );

/**
 * Adds the page to the menu.
 */
function add_page() {
	add_options_page( __( 'phin comment filter', 'phin-comment-filter' ), 'phin', capability(), PAGE, __NAMESPACE__ . '\\show_page' );
}

/**
 * Adds a link to the page to the list of plugins.
 *
 * @param string[] $links The plugin's links so far.
 */
function add_link( $links ) {
	array_unshift( $links, '<a href="' . esc_url( page_address() ) . '">' . esc_html__( 'Settings', 'phin-comment-filter' ) . '</a>' );
	return $links;
}

/**
 * Where the page is.
 */
function page_address() {
	return admin_url( 'options-general.php?page=' . PAGE );
}

/**
 * Says on our page and among the plugins what keeps this one from working.
 */
function what_is_missing() {
	$screen = get_current_screen();
	if ( ! $screen || ! in_array( $screen->id, array( 'plugins', 'settings_page_' . PAGE ), true ) || ! current_user_can( capability() ) ) {
		return;
	}
	if ( ! class_exists( 'Akismet' ) ) {
		$text = __( 'phin needs the plugin Akismet Anti-spam: it sees the comments and asks. Install and activate it; no account is needed.', 'phin-comment-filter' );
	} elseif ( '' === address() ) {
		$text = __( 'phin is not asked yet: enter its address under Settings > phin.', 'phin-comment-filter' );
	} elseif ( '' === key() ) {
		$text = __( 'phin is not asked yet: enter its key under Settings > phin.', 'phin-comment-filter' );
	} else {
		return;
	}
	echo '<div class="notice notice-warning"><p>' . esc_html( $text ) . '</p></div>';
}

/**
 * Ends the request if its sender may not do this or did not mean to.
 *
 * @param string $action What is asked for.
 */
function allow( $action ) {
	if ( ! current_user_can( capability() ) ) {
		wp_die( esc_html__( 'You are not allowed to change these settings.', 'phin-comment-filter' ), 403 );
	}
	check_admin_referer( $action );
}

/**
 * Goes back to the page, which tells what happened.
 */
function back_to_page() {
	set_transient( 'settings_errors', get_settings_errors(), 30 );
	wp_safe_redirect( add_query_arg( 'settings-updated', 'true', page_address() ) );
	exit;
}

/**
 * A field of the form that was sent.
 *
 * @param string $name The field.
 */
function sent( $name ) {
	// phpcs:ignore WordPress.Security.NonceVerification.Missing -- allow() has looked.
	return isset( $_POST[ $name ] ) && is_string( $_POST[ $name ] ) ? sanitize_text_field( wp_unslash( $_POST[ $name ] ) ) : '';
}

/**
 * Saves address and key: both, or neither if one of them is wrong.
 */
function save() {
	allow( 'phin_comment_filter_save' );
	$address = address_is_fixed() ? address() : checked_address( sent( 'phin_address' ) );
	$key     = key_is_fixed() || '' === sent( 'phin_key' ) ? key() : checked_key( sent( 'phin_key' ) );
	$wrong   = array_filter( array( $address, $key ), 'is_wp_error' );
	foreach ( $wrong as $error ) {
		add_settings_error( PAGE, $error->get_error_code(), esc_html( $error->get_error_message() ) . ' ' . esc_html__( 'Nothing was saved.', 'phin-comment-filter' ) );
	}
	if ( ! $wrong ) {
		// The address first: with a key and no address the Akismet plugin would ask its own
		// service.
		if ( ! address_is_fixed() ) {
			update_option( ADDRESS_OPTION, $address );
		}
		if ( ! key_is_fixed() && key() !== $key ) {
			update_option( KEY_OPTION, $key );
		}
		add_settings_error( PAGE, 'saved', esc_html__( 'Saved.', 'phin-comment-filter' ), 'success' );
	}
	back_to_page();
}

/**
 * Tests the connection as it is saved.
 */
function test() {
	allow( 'phin_comment_filter_test' );
	$result = test_connection();
	foreach ( $result['said'] as $number => $text ) {
		add_settings_error( PAGE, "test-$number", esc_html( $text ), $result['good'] ? 'success' : 'error' );
	}
	if ( $result['good'] && array_sum( waiting() ) > 0 ) {
		delete_option( FAILURES_OPTION );
		schedule_retry( 0 );
	}
	back_to_page();
}

/**
 * Shows the page.
 */
function show_page() {
	if ( ! current_user_can( capability() ) ) {
		return;
	}
	$fixed = address_is_fixed() && key_is_fixed();
	?>
	<div class="wrap">
		<h1><?php esc_html_e( 'phin comment filter', 'phin-comment-filter' ); ?></h1>
		<p><?php esc_html_e( 'phin judges the comments of this site in place of Akismet\'s own service. The Akismet plugin asks as ever; phin answers, and says why.', 'phin-comment-filter' ); ?></p>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
			<input type="hidden" name="action" value="phin_comment_filter_save">
			<?php wp_nonce_field( 'phin_comment_filter_save' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="phin_address"><?php esc_html_e( 'Address', 'phin-comment-filter' ); ?></label></th>
					<td>
						<input type="text" inputmode="url" class="regular-text code" id="phin_address" name="phin_address" placeholder="http://127.0.0.1:8080" value="<?php echo esc_attr( address() ); ?>" aria-describedby="phin_address_help" <?php read_only_if( address_is_fixed() ); ?>>
						<p class="description" id="phin_address_help">
							<?php
							if ( address_is_fixed() ) {
								esc_html_e( 'Set by PHIN_URL in wp-config.php; change it there.', 'phin-comment-filter' );
							} else {
								esc_html_e( 'http://127.0.0.1:8080 if phin runs on this machine with its usual settings. Leave it empty to ask phin no more.', 'phin-comment-filter' );
							}
							?>
						</p>
						<?php if ( is_in_the_clear( address() ) ) : ?>
							<p class="description"><strong><?php esc_html_e( 'Comments and key are sent unencrypted. If phin is not on this machine, put a front with TLS before it and write https://.', 'phin-comment-filter' ); ?></strong></p>
						<?php endif; ?>
					</td>
				</tr>
				<tr>
					<th scope="row"><label for="phin_key"><?php esc_html_e( 'Key', 'phin-comment-filter' ); ?></label></th>
					<td>
						<input type="text" class="regular-text code" id="phin_key" name="phin_key" maxlength="40" autocomplete="off" spellcheck="false" value="<?php echo esc_attr( key() ); ?>" aria-describedby="phin_key_help" <?php read_only_if( key_is_fixed() ); ?>>
						<p class="description" id="phin_key_help">
							<?php
							if ( key_is_fixed() ) {
								esc_html_e( 'Set by WPCOM_API_KEY in wp-config.php, or by another plugin; change it there.', 'phin-comment-filter' );
							} else {
								esc_html_e( 'Twelve digits and letters a to f, as "phin keys create" prints them. It is the Akismet plugin\'s key: there is only one.', 'phin-comment-filter' );
							}
							?>
						</p>
					</td>
				</tr>
			</table>
			<?php
			if ( ! $fixed ) {
				submit_button( __( 'Save', 'phin-comment-filter' ) );
			}
			?>
		</form>
		<h2><?php esc_html_e( 'Connection', 'phin-comment-filter' ); ?></h2>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
			<input type="hidden" name="action" value="phin_comment_filter_test">
			<?php wp_nonce_field( 'phin_comment_filter_test' ); ?>
			<p><?php esc_html_e( 'Asks phin, at the saved address, whether it knows the key and what it thinks of a harmless comment. Nothing is learnt from it.', 'phin-comment-filter' ); ?></p>
			<?php submit_button( __( 'Test the connection', 'phin-comment-filter' ), 'secondary', 'test' ); ?>
		</form>
		<h2><?php esc_html_e( 'Waiting', 'phin-comment-filter' ); ?></h2>
		<?php show_what_waits(); ?>
	</div>
	<?php
}

/**
 * The attribute of a field that cannot be changed here.
 *
 * @param bool $fixed Whether it cannot.
 */
function read_only_if( $fixed ) {
	echo $fixed ? 'readonly' : '';
}

/**
 * Tells what phin could not be asked or told yet.
 */
function show_what_waits() {
	$waiting = waiting();
	if ( 0 === array_sum( $waiting ) ) {
		echo '<p>' . esc_html__( 'Nothing: phin has judged every comment and knows all that moderators said.', 'phin-comment-filter' ) . '</p>';
		return;
	}
	echo '<ul class="ul-disc">';
	if ( $waiting['comments'] ) {
		/* translators: %s: a number. */
		echo '<li>' . esc_html( sprintf( _n( '%s comment is held because phin was away. It is judged as soon as phin is back.', '%s comments are held because phin was away. They are judged as soon as phin is back.', $waiting['comments'], 'phin-comment-filter' ), number_format_i18n( $waiting['comments'] ) ) ) . '</li>';
	}
	if ( $waiting['reports'] ) {
		/* translators: %s: a number. */
		echo '<li>' . esc_html( sprintf( _n( '%s decision of a moderator is still to be told to phin.', '%s decisions of moderators are still to be told to phin.', $waiting['reports'], 'phin-comment-filter' ), number_format_i18n( $waiting['reports'] ) ) ) . '</li>';
	}
	echo '</ul>';
	$next = wp_next_scheduled( RETRY_HOOK );
	if ( $next ) {
		/* translators: %s: a span of time, for example "5 minutes". */
		$text = $next > time() ? sprintf( __( 'The next try is in %s, or after a test that succeeds.', 'phin-comment-filter' ), human_time_diff( $next ) ) : __( 'The next try is due now.', 'phin-comment-filter' );
		echo '<p>' . esc_html( $text ) . '</p>';
	}
}

<?php
// Prints what WordPress has in its database about its comments. `?key=KEY` sets Akismet's key,
// `?cron=HOOK` does what is scheduled, as its cron would, `?option=NAME&value=VALUE` sets an
// option, `?locale=LOCALE` the moderator's language, `?subscriber=NAME` makes one, and
// `?insert=TEXT` stores a comment that waits for a moderator and that nobody has checked.
if ( isset( $_GET['cron'] ) ) {
	define( 'DOING_CRON', true );
}
require getenv( 'BLOG_PROGRAM' ) . '/wp-load.php';
if ( isset( $_GET['key'] ) ) {
	update_option( 'wordpress_api_key', $_GET['key'] );
}
if ( isset( $_GET['option'] ) ) {
	update_option( $_GET['option'], $_GET['value'] );
}
if ( isset( $_GET['locale'] ) ) {
	update_user_meta( 1, 'locale', $_GET['locale'] );
}
if ( isset( $_GET['subscriber'] ) ) {
	wp_create_user( $_GET['subscriber'], 'the password', $_GET['subscriber'] . '@blog.test' );
}
if ( isset( $_GET['insert'] ) ) {
	wp_insert_comment(
		array(
			'comment_post_ID'      => 1,
			'comment_author'       => 'Somebody',
			'comment_author_email' => 'somebody@mail.example',
			'comment_content'      => $_GET['insert'],
			'comment_approved'     => 0,
		)
	);
}
// Only what is really scheduled, and as WordPress does it: taken off the list first.
$due = isset( $_GET['cron'] ) ? wp_next_scheduled( $_GET['cron'] ) : false;
if ( $due ) {
	wp_unschedule_event( $due, $_GET['cron'] );
	do_action( $_GET['cron'] );
}
$comments = array();
foreach ( array( 'all', 'spam', 'trash' ) as $status ) {
	$comments = array_merge( $comments, get_comments( array( 'status' => $status ) ) );
}
$rows = array();
foreach ( $comments as $comment ) {
	$ours = array();
	foreach ( get_comment_meta( $comment->comment_ID ) as $name => $values ) {
		if ( 0 === strpos( $name, '_phin_' ) ) {
			$ours[ substr( $name, 6 ) ] = maybe_unserialize( $values[0] );
		}
	}
	$rows[ $comment->comment_ID ] = array(
		'id'     => (int) $comment->comment_ID,
		'status' => wp_get_comment_status( $comment ),
		'text'   => $comment->comment_content,
		'author' => $comment->comment_author,
		'type'   => $comment->comment_type,
		'result' => get_comment_meta( $comment->comment_ID, 'akismet_result', true ),
		'error'  => get_comment_meta( $comment->comment_ID, 'akismet_error', true ),
		'phin'   => $ours,
	);
}
ksort( $rows );
$retry = wp_next_scheduled( 'phin_comment_filter_retry' );
echo wp_json_encode(
	array(
		'comments'     => array_values( $rows ),
		'key'          => get_option( 'wordpress_api_key' ),
		'address'      => get_option( 'phin_comment_filter_address' ),
		'strictness'   => get_option( 'akismet_strictness' ),
		'ssl_disabled' => get_option( 'akismet_ssl_disabled' ),
		'recheck_due'  => (bool) wp_next_scheduled( 'akismet_schedule_cron_recheck' ),
		'retry_in'     => $retry ? $retry - time() : null,
		'ours'         => array(
			'options' => (int) $wpdb->get_var( "SELECT COUNT(*) FROM $wpdb->options WHERE option_name LIKE 'phin\_%'" ),
			'meta'    => (int) $wpdb->get_var( "SELECT COUNT(*) FROM $wpdb->commentmeta WHERE meta_key LIKE '\_phin\_%'" ),
		),
	)
);

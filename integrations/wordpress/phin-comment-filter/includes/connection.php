<?php
/**
 * Tries whether phin can be reached and knows the key, and says in words what to mend.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

/**
 * Asks phin twice: whether it knows the key, and what it thinks of a harmless comment. Teaches it
 * nothing.
 *
 * @return array{good: bool, said: string[]} What happened, in words; not escaped.
 */
function test_connection() {
	if ( '' === address() ) {
		return failure( __( 'There is no address yet. Enter where phin is, and save.', 'phin-comment-filter' ) );
	}
	if ( '' === key() ) {
		return failure( __( 'There is no key yet. "phin keys create" prints one; enter it and save.', 'phin-comment-filter' ) );
	}
	$address = address();
	$problem = checked_address( $address );
	if ( is_wp_error( $problem ) ) {
		return failure( $problem->get_error_message() );
	}
	$blog   = get_option( 'home' );
	$answer = ask(
		'verify-key',
		array(
			'key'  => key(),
			'blog' => $blog,
		)
	);
	if ( ! is_array( $answer ) ) {
		return failure( $answer );
	}
	if ( 'invalid' === $answer['body'] ) {
		/* translators: %s: an address. */
		return failure( sprintf( __( 'phin answers at %s, but does not know this key. "phin keys list" shows the keys it has, "phin keys create" makes one.', 'phin-comment-filter' ), $address ) );
	}
	if ( 'valid' !== $answer['body'] ) {
		/* translators: %s: an address. */
		return failure( sprintf( __( 'Something answers at %s, but it is not phin. Is the port right?', 'phin-comment-filter' ), $address ) );
	}
	/* translators: 1: an address, 2: a number of milliseconds. */
	$said   = array( sprintf( __( 'phin answers at %1$s and knows the key (%2$s ms).', 'phin-comment-filter' ), $address, number_format_i18n( $answer['ms'] ) ) );
	$answer = ask(
		'comment-check',
		array(
			'api_key'         => key(),
			'blog'            => $blog,
			'blog_lang'       => get_locale(),
			'blog_charset'    => 'UTF-8',
			'user_ip'         => '203.0.113.9',
			'comment_type'    => 'comment',
			'comment_author'  => 'An',
			'comment_content' => 'Thank you, the second paragraph answers what I had been wondering about.',
			'is_test'         => '1',
		)
	);
	if ( ! is_array( $answer ) ) {
		return failure( $answer );
	}
	$verdict = verdict_in( $answer['headers'] );
	if ( ! is_verdict( $answer['body'] ) ) {
		/* translators: %s: what phin answered. */
		return failure( sprintf( __( 'phin would not judge a comment. It said: %s', 'phin-comment-filter' ), '' === $answer['help'] ? $answer['body'] : $answer['help'] ) );
	}
	if ( ! $verdict ) {
		$problem = header_of( $answer['headers'], 'x-akismet-error' );
		if ( '' !== $problem ) {
			/* translators: %s: what phin answered. */
			return failure( sprintf( __( 'phin knows the key, but judges nothing for it. It said: %s', 'phin-comment-filter' ), $problem ) );
		}
		return failure( __( 'What answers judges comments, but gives no reasons as phin does. Is it phin, and does a proxy before it drop the X-Spam headers?', 'phin-comment-filter' ) );
	}
	/* translators: 1: phin's verdict, for example "looks fine", 2: a number of milliseconds. */
	$said[] = sprintf( __( 'It judged a harmless comment: %1$s (%2$s ms).', 'phin-comment-filter' ), verdict_label( $verdict[VERDICT_META] ), number_format_i18n( $answer['ms'] ) );
	return array(
		'good' => true,
		'said' => $said,
	);
}

/**
 * A test that failed.
 *
 * @param string $said Why.
 */
function failure( $said ) {
	return array(
		'good' => false,
		'said' => array( $said ),
	);
}

/**
 * One call, straight to phin.
 *
 * @param string $call   The call's name.
 * @param array  $fields What to send.
 * @return array|string The answer, or what is wrong.
 */
function ask( $call, $fields ) {
	$began  = microtime( true );
	$answer = wp_remote_post(
		address() . "/1.1/$call",
		array(
			'body'        => $fields,
			'timeout'     => SECONDS_TO_WAIT,
			'redirection' => 0,
		)
	);
	$ms     = (int) round( 1000 * ( microtime( true ) - $began ) );
	if ( is_wp_error( $answer ) ) {
		if ( 'http_request_not_executed' === $answer->get_error_code() ) {
			/* translators: %s: a host name. */
			return sprintf( __( 'WordPress is told to call nobody (WP_HTTP_BLOCK_EXTERNAL). Add %s to WP_ACCESSIBLE_HOSTS in wp-config.php.', 'phin-comment-filter' ), wp_parse_url( address(), PHP_URL_HOST ) );
		}
		/* translators: 1: an address, 2: a number of milliseconds, 3: an error of the network. */
		return sprintf( __( 'Nobody answers at %1$s (after %2$s ms: %3$s). Is phin running ("phin serve"), and is this its address as this server sees it?', 'phin-comment-filter' ), address(), number_format_i18n( $ms ), $answer->get_error_message() );
	}
	$status = (int) wp_remote_retrieve_response_code( $answer );
	if ( $status >= 300 && $status < 400 ) {
		/* translators: %s: another address. */
		return sprintf( __( 'That address only leads on to %s. Enter the one that answers itself.', 'phin-comment-filter' ), (string) wp_remote_retrieve_header( $answer, 'location' ) );
	}
	if ( $status >= 500 ) {
		/* translators: 1: an address, 2: an HTTP status, such as 502. */
		return sprintf( __( 'A server answers at %1$s, but with status %2$d: phin behind it is away, or has a problem that its log tells.', 'phin-comment-filter' ), address(), $status );
	}
	if ( 200 !== $status ) {
		/* translators: 1: an address, 2: an HTTP status, such as 404. */
		return sprintf( __( 'A server answers at %1$s, but with status %2$d, as phin never does. Is the path right?', 'phin-comment-filter' ), address(), $status );
	}
	return array(
		'headers' => wp_remote_retrieve_headers( $answer ),
		'body'    => trim( wp_strip_all_tags( substr( (string) wp_remote_retrieve_body( $answer ), 0, 200 ) ) ),
		'help'    => (string) header_of( wp_remote_retrieve_headers( $answer ), 'x-akismet-debug-help' ),
		'ms'      => $ms,
	);
}

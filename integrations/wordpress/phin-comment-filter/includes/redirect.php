<?php
/**
 * Sends what the Akismet plugin asks of rest.akismet.com to phin: no hosts file, no certificate, no
 * proxy.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

// phin answers in milliseconds; a commenter must not wait longer than twice this for one that does
// not.
const SECONDS_TO_WAIT = 5;

add_filter( 'pre_http_request', __NAMESPACE__ . '\\redirect', 10, 3 );

/**
 * Answers a call of the Akismet plugin with what phin says.
 *
 * @param false|array|\WP_Error $answer    What somebody else has answered already.
 * @param array                 $arguments The call's headers, body and so on.
 * @param string                $url       The address that the plugin meant.
 * @return false|array|\WP_Error
 */
function redirect( $answer, $arguments, $url ) {
	$host = strtolower( (string) wp_parse_url( $url, PHP_URL_HOST ) );
	if ( false !== $answer || '' === address() || ! preg_match( '/^(?:([^.]+)\.)?rest\.akismet\.com$/', $host, $name ) ) {
		return $answer;
	}
	$path  = (string) wp_parse_url( $url, PHP_URL_PATH );
	$query = (string) wp_parse_url( $url, PHP_URL_QUERY );
	if ( isset( $name[1] ) ) {
		// Old plugins send the key as a name below the host, and nowhere else.
		$query = ltrim( $query . '&api_key=' . rawurlencode( $name[1] ), '&' );
	}
	// The plugin names the host it meant; phin, or what stands before it, goes by its own.
	unset( $arguments['headers']['Host'], $arguments['headers']['host'] );
	$wait                     = isset( $arguments['timeout'] ) ? (float) $arguments['timeout'] : SECONDS_TO_WAIT;
	$arguments['timeout']     = min( $wait, (float) apply_filters( 'phin_comment_filter_timeout', SECONDS_TO_WAIT ) );
	$arguments['redirection'] = 0;

	// The plugin asks three times. What failed twice just now fails a third time, and somebody is
	// waiting.
	static $failures = array();
	$known           = isset( $failures[ $path ] ) ? $failures[ $path ] : null;
	if ( $known && $known['count'] >= 2 && microtime( true ) - $known['at'] < 10 ) {
		last_status( 0 );
		return $known['error'];
	}
	$answer = wp_remote_request( address() . $path . ( '' === $query ? '' : "?$query" ), $arguments );
	if ( is_wp_error( $answer ) ) {
		$failures[ $path ] = array(
			'count' => $known ? $known['count'] + 1 : 1,
			'at'    => microtime( true ),
			'error' => $answer,
		);
		last_status( 0 );
		return $answer;
	}
	unset( $failures[ $path ] );
	last_status( (int) wp_remote_retrieve_response_code( $answer ) );
	if ( last_status() >= 500 ) {
		// The Akismet plugin looks at the body alone, and what it would find there was not said by
		// phin.
		$answer['body'] = '';
	}
	if ( '/comment-check' === substr( $path, -14 ) && isset( $arguments['body'] ) && is_string( $arguments['body'] ) ) {
		keep_verdict_of_recheck( $arguments['body'], $answer );
	}
	return $answer;
}

/**
 * The HTTP status of the last answer, 0 if there was none: the Akismet plugin hands on headers and
 * body only.
 *
 * @param int|null $set The status to remember.
 * @return int
 */
function last_status( $set = null ) {
	static $status = 0;
	if ( null !== $set ) {
		$status = $set;
	}
	return $status;
}

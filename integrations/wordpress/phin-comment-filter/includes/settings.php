<?php
/**
 * Where phin is and which key it is asked with.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

const ADDRESS_OPTION = 'phin_comment_filter_address';
// Akismet's own, so that there is one key and not two.
const KEY_OPTION = 'wordpress_api_key';

/**
 * The address of phin, without a slash at its end; '' if there is none, and then this plugin does
 * nothing.
 */
function address() {
	$address = address_is_fixed() ? constant( 'PHIN_URL' ) : get_option( ADDRESS_OPTION, '' );
	return is_string( $address ) ? rtrim( trim( $address ), '/' ) : '';
}

/**
 * Whether wp-config.php says where phin is.
 */
function address_is_fixed() {
	return defined( 'PHIN_URL' );
}

/**
 * The key, or ''.
 */
function key() {
	$key = defined( 'WPCOM_API_KEY' ) ? constant( 'WPCOM_API_KEY' ) : get_option( KEY_OPTION, '' );
	if ( is_callable( array( 'Akismet', 'get_api_key' ) ) ) {
		$key = \Akismet::get_api_key();
	}
	return is_string( $key ) ? trim( $key ) : '';
}

/**
 * Whether wp-config.php, or another plugin, says what the key is.
 */
function key_is_fixed() {
	return defined( 'WPCOM_API_KEY' ) || ( is_callable( array( 'Akismet', 'predefined_api_key' ) ) && \Akismet::predefined_api_key() );
}

/**
 * What one must be allowed to change the settings. In a network an address decides what the server
 * itself talks to, which is for those who run the network.
 */
function capability() {
	return is_multisite() ? 'manage_network_options' : 'manage_options';
}

/**
 * An address as it is kept, or an error that says what is wrong with it. '' is right: it means that
 * phin is not asked.
 *
 * @param string $text What somebody typed.
 * @return string|\WP_Error
 */
function checked_address( $text ) {
	$text = trim( $text );
	if ( '' === $text ) {
		return '';
	}
	$parts  = wp_parse_url( $text );
	$scheme = strtolower( isset( $parts['scheme'] ) ? $parts['scheme'] : '' );
	if ( ! is_array( $parts ) || ! in_array( $scheme, array( 'http', 'https' ), true ) || empty( $parts['host'] ) ) {
		return new \WP_Error( 'address', __( 'The address must begin with http:// or https:// and name a host, as in http://127.0.0.1:8080.', 'phin-comment-filter' ) );
	}
	if ( ! preg_match( '/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/i', $parts['host'] ) ) {
		return new \WP_Error( 'address', __( 'The name of the host holds a character that no host has.', 'phin-comment-filter' ) );
	}
	if ( isset( $parts['user'] ) || isset( $parts['pass'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) ) {
		return new \WP_Error( 'address', __( 'The address must not hold a user name, a password, a question mark or a number sign.', 'phin-comment-filter' ) );
	}
	if ( preg_match( '/(?:^|\.)akismet\.com$/i', $parts['host'] ) ) {
		return new \WP_Error( 'address', __( 'This is the address of Akismet\'s own service. Enter that of your phin.', 'phin-comment-filter' ) );
	}
	return rtrim( esc_url_raw( $text, array( 'http', 'https' ) ), '/' );
}

/**
 * A key as it is kept, or an error.
 *
 * @param string $text What somebody typed.
 * @return string|\WP_Error
 */
function checked_key( $text ) {
	$key = strtolower( trim( $text ) );
	if ( ! preg_match( '/^[0-9a-f]{12}$/', $key ) ) {
		return new \WP_Error( 'key', __( 'A key has twelve characters: digits and the letters a to f. "phin keys create" prints one.', 'phin-comment-filter' ) );
	}
	return $key;
}

/**
 * Whether what is sent to this address can be read on the way.
 *
 * @param string $address A checked address.
 */
function is_in_the_clear( $address ) {
	$host = (string) wp_parse_url( $address, PHP_URL_HOST );
	return 0 === stripos( $address, 'http://' ) && ! preg_match( '/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i', $host );
}

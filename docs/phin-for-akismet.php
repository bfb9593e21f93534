<?php
/**
 * Plugin Name: phin for Akismet
 * Description: Sends what the Akismet plugin asks of rest.akismet.com to your own phin. No hosts file, no certificate, no proxy.
 * License: MIT OR Apache-2.0
 *
 * Put this file into wp-content/mu-plugins/ and say in wp-config.php where phin is:
 *
 *     define( 'PHIN_URL', 'http://127.0.0.1:8080' );
 *
 * Without PHIN_URL it does nothing. If phin cannot be reached, the Akismet plugin is told so: its comments are never sent elsewhere.
 */

add_filter(
	'pre_http_request',
	function ( $answer, $arguments, $url ) {
		$host = strtolower( (string) wp_parse_url( $url, PHP_URL_HOST ) );
		if ( ! defined( 'PHIN_URL' ) || ! preg_match( '/^(?:([^.]+)\.)?rest\.akismet\.com$/', $host, $name ) ) {
			return $answer;
		}
		$query = (string) wp_parse_url( $url, PHP_URL_QUERY );
		if ( isset( $name[1] ) ) {
			// Old plugins send the key as a name below the host, and nowhere else.
			$query = ltrim( $query . '&api_key=' . rawurlencode( $name[1] ), '&' );
		}
		// The plugin names the host it meant; phin, or what stands before it, goes by its own.
		unset( $arguments['headers']['Host'], $arguments['headers']['host'] );
		$path = (string) wp_parse_url( $url, PHP_URL_PATH );
		return wp_remote_request( rtrim( PHIN_URL, '/' ) . $path . ( '' === $query ? '' : "?$query" ), $arguments );
	},
	10,
	3
);

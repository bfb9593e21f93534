<?php
/**
 * Removes all that the plugin has kept. The key stays: it is the Akismet plugin's.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Cleans the current site.
 */
function uninstall_site() {
	wp_clear_scheduled_hook( 'phin_comment_filter_retry' );
	delete_option( 'phin_comment_filter_address' );
	delete_option( 'phin_comment_filter_failures' );
	foreach ( array( 'verdict', 'probability', 'reasons', 'waiting', 'would_publish', 'told', 'report' ) as $name ) {
		delete_metadata( 'comment', 0, "_phin_$name", '', true );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $site ) {
		switch_to_blog( $site );
		uninstall_site();
		restore_current_blog();
	}
} else {
	uninstall_site();
}

<?php
/**
 * Plugin Name:       phin comment filter
 * Description:       Lets your own phin judge the comments of this site. The Akismet plugin asks as ever; phin answers, and says why.
 * Version:           1.0.0
 * Requires at least: 5.3
 * Requires PHP:      7.2
 * Requires Plugins:  akismet
 * Author:            The phin authors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       phin-comment-filter
 * Domain Path:       /languages
 *
 * Without an address it does nothing. With one, no comment is sent anywhere else: if phin cannot be
 * reached, the Akismet plugin is told so, and the comment waits.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

// In the order in which a comment meets them.
foreach ( array( 'settings', 'redirect', 'verdicts', 'hold', 'reports', 'retry', 'connection', 'page', 'column' ) as $step ) {
	require_once __DIR__ . "/includes/$step.php";
}
unset( $step );

add_action( 'init', __NAMESPACE__ . '\\load_texts', 1 );
register_activation_hook( __FILE__, __NAMESPACE__ . '\\activated' );
register_deactivation_hook( __FILE__, __NAMESPACE__ . '\\deactivated' );

/**
 * Loads the translations from this folder, wherever it lies: among the plugins or among the
 * must-use plugins.
 */
function load_texts() {
	$file = __DIR__ . '/languages/phin-comment-filter-' . determine_locale() . '.mo';
	if ( is_readable( $file ) ) {
		load_textdomain( 'phin-comment-filter', $file );
	}
}

/**
 * What was left waiting when the plugin was last deactivated is taken up again.
 */
function activated() {
	if ( array_sum( waiting() ) > 0 ) {
		schedule_retry();
	}
}

/**
 * Nothing of ours runs any more. Comments that wait stay pending, marked, and are asked about after
 * the next activation.
 */
function deactivated() {
	wp_clear_scheduled_hook( RETRY_HOOK );
	delete_option( FAILURES_OPTION );
}

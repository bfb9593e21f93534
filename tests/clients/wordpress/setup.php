<?php
// Installs WordPress as its installer does, publishes every comment that is not held for a reason, and switches Akismet on.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
define( 'WP_INSTALLING', true );
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
( new mysqli( null, 'root', '', null, 0, getenv( 'BLOG_SOCKET' ) ) )->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' );
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'A blog of tests', 'moderator', 'moderator@blog.test', true, '', 'the password' );
update_option( 'comment_moderation', '0' );
update_option( 'comment_previously_approved', '0' );
update_option( 'comments_notify', '0' );
update_option( 'moderation_notify', '0' );
switch_theme( 'twentytwentythree' );
require_once ABSPATH . 'wp-admin/includes/plugin.php';
$failed = activate_plugin( 'akismet/akismet.php' );
if ( is_wp_error( $failed ) ) {
	exit( $failed->get_error_message() );
}

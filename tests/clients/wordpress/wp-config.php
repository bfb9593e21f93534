<?php
// Settings of the WordPress under test: all that is its own comes from the environment, so that the program itself can be unpacked once.
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'BLOG_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $name ) {
	define( $name, 'a blog of tests alone: ' . $name );
}
define( 'WP_HOME', getenv( 'BLOG_URL' ) );
define( 'WP_SITEURL', getenv( 'BLOG_URL' ) );
define( 'WPMU_PLUGIN_DIR', getenv( 'BLOG_FOLDER' ) . '/mu-plugins' );
define( 'WP_PLUGIN_DIR', getenv( 'BLOG_FOLDER' ) . '/plugins' );
define( 'WP_PLUGIN_URL', WP_HOME . '/wp-content/plugins' );
define( 'FS_METHOD', 'direct' );
// What is due is run when a test says so.
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
// Nobody else is there, and asking for updates would only take time.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', 'rest.akismet.com' );
require getenv( 'BLOG_FOLDER' ) . '/constants.php';
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';

<?php
// Prints what WordPress has in its database about its comments; `?key=KEY` sets Akismet's key, and `?cron=HOOK` does what is
// scheduled, as its cron would.
require getenv( 'BLOG_PROGRAM' ) . '/wp-load.php';
if ( isset( $_GET['key'] ) ) {
	update_option( 'wordpress_api_key', $_GET['key'] );
}
// Only what is really scheduled.
if ( isset( $_GET['cron'] ) && wp_next_scheduled( $_GET['cron'] ) ) {
	do_action( $_GET['cron'] );
}
$comments = array();
foreach ( array( 'all', 'spam', 'trash' ) as $status ) {
	$comments = array_merge( $comments, get_comments( array( 'status' => $status ) ) );
}
$rows = array();
foreach ( $comments as $comment ) {
	$rows[ $comment->comment_ID ] = array(
		'id'       => (int) $comment->comment_ID,
		'status'   => wp_get_comment_status( $comment ),
		'text'     => $comment->comment_content,
		'author'   => $comment->comment_author,
		'type'     => $comment->comment_type,
		'result'   => get_comment_meta( $comment->comment_ID, 'akismet_result', true ),
		'error'    => get_comment_meta( $comment->comment_ID, 'akismet_error', true ),
	);
}
ksort( $rows );
echo wp_json_encode(
	array(
		'comments'     => array_values( $rows ),
		'key'          => get_option( 'wordpress_api_key' ),
		'strictness'   => get_option( 'akismet_strictness' ),
		'ssl_disabled' => get_option( 'akismet_ssl_disabled' ),
		'recheck_due'  => (bool) wp_next_scheduled( 'akismet_schedule_cron_recheck' ),
	)
);

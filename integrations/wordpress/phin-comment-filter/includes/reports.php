<?php
/**
 * Tells phin what moderators decide, and tells it later if it is away.
 *
 * The Akismet plugin reports "Spam" and "Not spam", once, whether or not anybody hears it. That a
 * held comment was approved it never says.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

// What phin was told of a comment last: ham or spam.
const TOLD_META = '_phin_told';
// What it could not be told yet: label, reporter and since when.
const REPORT_META = '_phin_report';
// Longer than anybody leaves phin switched off.
const LONGEST_REPORT = 30 * DAY_IN_SECONDS;

// After the Akismet plugin, so that what it has said itself is known.
add_action( 'transition_comment_status', __NAMESPACE__ . '\\status_changed', 20, 3 );
add_action( 'akismet_submit_spam_comment', __NAMESPACE__ . '\\akismet_said_spam', 10, 2 );
add_action( 'akismet_submit_nonspam_comment', __NAMESPACE__ . '\\akismet_said_ham', 10, 2 );

/**
 * A person who approves a comment that phin has judged says that it is ham.
 *
 * @param string      $new     The status it has now.
 * @param string      $old     The one it had.
 * @param \WP_Comment $comment The comment.
 */
function status_changed( $new, $old, $comment ) {
	$id = (int) $comment->comment_ID;
	if ( 'approved' !== $new || 'unapproved' !== $old || '' === address() || '' === key() || ! by_a_person( $id ) ) {
		return;
	}
	if ( ! get_comment_meta( $id, VERDICT_META, true ) || 'ham' === get_comment_meta( $id, TOLD_META, true ) ) {
		return;
	}
	report( $id, 'ham', wp_get_current_user()->user_login );
}

/**
 * Whether somebody who may do so is changing this comment now, and not a schedule, an import, a
 * recheck or phin itself.
 *
 * @param int $id The comment.
 */
function by_a_person( $id ) {
	return ! wp_doing_cron()
		&& ! ( defined( 'WP_IMPORTING' ) && WP_IMPORTING )
		&& ! isset( $_SERVER['HTTP_X_AKISMET_WEBHOOK'] )
		&& ! get_comment_meta( $id, 'akismet_rechecking', true )
		&& current_user_can( 'edit_comment', $id );
}

/**
 * The Akismet plugin has told phin that a comment is spam.
 *
 * @param int    $id   The comment.
 * @param string $body The answer.
 */
function akismet_said_spam( $id, $body ) {
	reported( (int) $id, 'spam', wp_get_current_user()->user_login, (string) $body );
}

/**
 * The Akismet plugin has told phin that a comment is ham.
 *
 * @param int    $id   The comment.
 * @param string $body The answer.
 */
function akismet_said_ham( $id, $body ) {
	reported( (int) $id, 'ham', wp_get_current_user()->user_login, (string) $body );
}

/**
 * Tells phin what a person says of a comment.
 *
 * @param int    $id       The comment.
 * @param string $label    ham or spam.
 * @param string $reporter The login of the person.
 * @return bool Whether phin has heard it.
 */
function report( $id, $label, $reporter ) {
	$comment = get_comment( $id );
	if ( ! $comment ) {
		return true;
	}
	$fields = array( 'reporter' => $reporter ) + fields_of( $comment );
	if ( is_callable( array( 'Akismet', 'last_comment_check_response' ) ) ) {
		$fields['comment_check_response'] = \Akismet::last_comment_check_response( $id );
	}
	list( , $body ) = call( "submit-$label", $fields );
	if ( ! reported( $id, $label, $reporter, $body ) ) {
		return false;
	}
	add_to_history( $id, "report-$label", $reporter );
	update_comment_meta( $id, 'akismet_user_result', 'ham' === $label ? 'false' : 'true' );
	update_comment_meta( $id, 'akismet_user', wp_slash( $reporter ) );
	return true;
}

/**
 * Keeps that phin was told, or that it still has to be.
 *
 * @param int    $id       The comment.
 * @param string $label    ham or spam.
 * @param string $reporter The login of the person.
 * @param string $body     What was answered.
 * @return bool Whether phin has heard it.
 */
function reported( $id, $label, $reporter, $body ) {
	if ( '' === address() ) {
		return true;
	}
	if ( 200 === last_status() && '' !== $body && 'invalid' !== $body ) {
		delete_comment_meta( $id, REPORT_META );
		update_comment_meta( $id, TOLD_META, $label );
		return true;
	}
	$before = get_comment_meta( $id, REPORT_META, true );
	$report = array(
		'label'    => $label,
		'reporter' => $reporter,
		'since'    => is_array( $before ) && isset( $before['since'] ) ? (int) $before['since'] : time(),
	);
	update_comment_meta( $id, REPORT_META, wp_slash( $report ) );
	schedule_retry();
	return false;
}

/**
 * Tells phin what it could not be told before.
 *
 * @param int $id The comment.
 * @return bool False if phin is still away.
 */
function report_again( $id ) {
	$report = get_comment_meta( $id, REPORT_META, true );
	$valid  = is_array( $report ) && isset( $report['label'], $report['reporter'], $report['since'] ) && in_array( $report['label'], array( 'ham', 'spam' ), true );
	if ( ! $valid || time() - (int) $report['since'] > LONGEST_REPORT ) {
		delete_comment_meta( $id, REPORT_META );
		return true;
	}
	return report( $id, $report['label'], (string) $report['reporter'] );
}

/**
 * A comment as phin is told of it: as it was submitted, for an editor may have changed it since,
 * with what its blog says of itself.
 *
 * @param \WP_Comment $comment The comment.
 * @return array<string, string>
 */
function fields_of( $comment ) {
	$id     = (int) $comment->comment_ID;
	$fields = array();
	foreach ( $comment->to_array() as $name => $value ) {
		if ( is_scalar( $value ) && preg_match( '/^(?:comment_|user_id$)/', $name ) ) {
			$fields[ $name ] = (string) $value;
		}
	}
	$fields['user_ip']    = $fields['comment_author_IP'];
	$fields['user_agent'] = $fields['comment_agent'];
	$submitted            = get_comment_meta( $id, 'akismet_as_submitted', true );
	if ( is_array( $submitted ) && isset( $submitted['comment_content'] ) ) {
		foreach ( $submitted as $name => $value ) {
			if ( is_scalar( $value ) && preg_match( '/^(?:comment_(?:author|content|type|date_gmt|agent)|user_|POST_ak_|submit_|guid$)/', $name ) ) {
				$fields[ $name ] = (string) $value;
			}
		}
	}
	$guid = get_comment_meta( $id, 'akismet_guid', true );
	if ( is_string( $guid ) && '' !== $guid ) {
		$fields['guid'] = $guid;
	}
	$fields['blog']         = get_option( 'home' );
	$fields['blog_lang']    = get_locale();
	$fields['blog_charset'] = get_option( 'blog_charset' );
	$fields['permalink']    = (string) get_permalink( $comment->comment_post_ID );
	$fields['user_role']    = '';
	if ( ! empty( $comment->user_id ) && is_callable( array( 'Akismet', 'get_user_roles' ) ) ) {
		$fields['user_role'] = (string) \Akismet::get_user_roles( (int) $comment->user_id );
	}
	if ( is_callable( array( 'Akismet', 'is_test_mode' ) ) && \Akismet::is_test_mode() ) {
		$fields['is_test'] = 'true';
	}
	$post = get_post( $comment->comment_post_ID );
	if ( $post ) {
		$fields['comment_post_modified_gmt'] = $post->post_modified_gmt;
	}
	return $fields;
}

/**
 * A call as the Akismet plugin makes it.
 *
 * @param string $call   comment-check, submit-ham or submit-spam.
 * @param array  $fields What to send.
 * @return array Headers and body, both '' if there was no answer.
 */
function call( $call, $fields ) {
	last_status( 0 );
	if ( ! is_callable( array( 'Akismet', 'http_post' ) ) || ! is_callable( array( 'Akismet', 'build_query' ) ) ) {
		return array( '', '' );
	}
	/** The Akismet plugin's own filter, for those who add to what is sent. */
	$fields = apply_filters( 'akismet_request_args', $fields, $call ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals
	$answer = \Akismet::http_post( \Akismet::build_query( $fields ), $call );
	return is_array( $answer ) && isset( $answer[1] ) ? array( $answer[0], (string) $answer[1] ) : array( '', '' );
}

/**
 * Adds to the history that the Akismet plugin shows of a comment.
 *
 * @param int    $id    The comment.
 * @param string $event In the plugin's words.
 * @param string $user  Who did it.
 */
function add_to_history( $id, $event, $user = '' ) {
	$entry = array(
		'time'  => microtime( true ),
		'event' => $event,
	);
	if ( '' !== $user ) {
		$entry['user'] = $user;
	}
	add_comment_meta( $id, 'akismet_history', wp_slash( $entry ) );
}

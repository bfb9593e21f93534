<?php
/**
 * Holds what phin could not judge, and asks again when it is back.
 *
 * By itself the Akismet plugin 5.7 publishes such a comment and never asks again. 5.0 holds it, but
 * later publishes what phin is unsure of.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

// On a comment that nobody has judged: since when it waits.
const WAITING_META = '_phin_waiting';
// Beside it: '1' if WordPress would have published the comment.
const WOULD_PUBLISH_META = '_phin_would_publish';
// As long as the Akismet plugin asks.
const LONGEST_WAIT = 15 * DAY_IN_SECONDS;

// The Akismet plugin decides with priority 10.
add_filter( 'pre_comment_approved', __NAMESPACE__ . '\\remember_status', 9 );
add_filter( 'pre_comment_approved', __NAMESPACE__ . '\\hold_comment', 99, 2 );
// It looks at what was stored with priority 10 too.
add_action( 'wp_insert_comment', __NAMESPACE__ . '\\stored', 20, 2 );

// What a person has decided is not asked about any more.
add_action( 'transition_comment_status', __NAMESPACE__ . '\\decided', 30, 3 );

/**
 * What WordPress would have done with the comment at hand if it were ham.
 *
 * @param mixed $set A status to remember; null leaves it.
 */
function status_without_us( $set = null ) {
	static $status = '';
	if ( null !== $set ) {
		$status = is_scalar( $set ) ? (string) $set : '';
	}
	return $status;
}

/**
 * Sees the status before anybody changes it.
 *
 * @param mixed $status 0, 1, spam, trash, or an error.
 */
function remember_status( $status ) {
	status_without_us( $status );
	return $status;
}

/**
 * Nothing is published that phin could not judge.
 *
 * @param mixed $status  The status the comment would get.
 * @param array $comment The comment.
 */
function hold_comment( $status, $comment ) {
	$waits = ! empty( $comment['comment_meta'][ WAITING_META ] );
	return $waits && is_scalar( $status ) && '1' === (string) $status ? 0 : $status;
}

/**
 * WordPress's REST API settles the status before phin is asked, so that the Akismet plugin's hold
 * does not reach it.
 *
 * @param array $comment A comment that is about to be stored.
 */
function hold_rest_comment( $comment ) {
	$status = isset( $comment['comment_approved'] ) ? $comment['comment_approved'] : 1;
	status_without_us( $status );
	$meta   = isset( $comment['comment_meta'] ) ? $comment['comment_meta'] : array();
	$unsure = isset( $meta[ VERDICT_META ] ) && 'unsure' === $meta[ VERDICT_META ] && '' !== header_of( answer()[0], 'x-akismet-error' );
	if ( '1' === (string) $status && ( $unsure || ! empty( $meta[ WAITING_META ] ) ) ) {
		$comment['comment_approved'] = 0;
	}
	return $comment;
}

/**
 * A comment is stored. If it waits, it is ours to ask about, and no longer the Akismet plugin's.
 *
 * @param int         $id      The comment.
 * @param \WP_Comment $comment The same.
 */
function stored( $id, $comment ) {
	if ( ! get_comment_meta( $id, WAITING_META, true ) ) {
		return;
	}
	if ( '0' !== (string) $comment->comment_approved ) {
		// WordPress itself had a reason to put it elsewhere.
		delete_comment_meta( $id, WAITING_META );
		return;
	}
	if ( '1' === status_without_us() ) {
		update_comment_meta( $id, WOULD_PUBLISH_META, '1' );
	}
	delete_comment_meta( $id, 'akismet_error' );
	if ( ! get_comment_meta( $id, 'akismet_history', true ) ) {
		add_to_history( $id, 'check-error' );
	}
	schedule_retry();
}

/**
 * A comment that waited got another status.
 *
 * @param string      $new     The status it has now.
 * @param string      $old     The one it had.
 * @param \WP_Comment $comment The comment.
 */
function decided( $new, $old, $comment ) {
	if ( 'unapproved' !== $new && get_comment_meta( $comment->comment_ID, WAITING_META, true ) ) {
		waits_no_more( (int) $comment->comment_ID );
	}
}

/**
 * Asks about a comment that waits, and puts it where it belongs.
 *
 * @param int $id The comment.
 * @return bool False if phin is still away.
 */
function recheck( $id ) {
	$comment = get_comment( $id );
	if ( ! $comment || '0' !== (string) $comment->comment_approved ) {
		// Somebody has decided.
		waits_no_more( $id );
		return true;
	}
	$fields = array( 'recheck_reason' => 'retry' ) + fields_of( $comment );
	if ( is_callable( array( 'Akismet_REST_API', 'receive_webhook' ) ) ) {
		// So that phin can say later that it was wrong.
		$fields['callback'] = get_rest_url( null, 'akismet/v1/webhook' );
	}
	list( $headers, $body ) = call( 'comment-check', $fields );
	if ( ! is_verdict( $body ) ) {
		if ( 200 === last_status() && 0 === strpos( $body, 'Missing required field' ) ) {
			// It will never have what phin needs; a person must look at it.
			waits_no_more( $id );
			notify( $id );
			return true;
		}
		if ( time() - strtotime( $comment->comment_date_gmt . ' UTC' ) > DAY_IN_SECONDS ) {
			notify( $id );
		}
		return false;
	}
	$publish = '1' === get_comment_meta( $id, WOULD_PUBLISH_META, true );
	$guid    = header_of( $headers, 'x-akismet-guid' );
	waits_no_more( $id );
	update_comment_meta( $id, 'akismet_result', $body );
	if ( preg_match( '/^[\w-]{1,100}$/', $guid ) ) {
		update_comment_meta( $id, 'akismet_guid', $guid );
	}
	add_to_history( $id, 'true' === $body ? 'cron-retry-spam' : 'cron-retry-ham' );
	// The Akismet plugin takes this for a change that nobody made by hand.
	add_comment_meta( $id, 'akismet_rechecking', true );
	if ( 'true' === $body ) {
		forget_delayed_letter( $id );
		wp_spam_comment( $id );
	} elseif ( $publish && '' === header_of( $headers, 'x-akismet-error' ) ) {
		forget_delayed_letter( $id );
		wp_set_comment_status( $id, 'approve' );
	} else {
		notify( $id );
	}
	delete_comment_meta( $id, 'akismet_rechecking' );
	return true;
}

/**
 * The comment is no longer asked about.
 *
 * @param int $id The comment.
 */
function waits_no_more( $id ) {
	delete_comment_meta( $id, WAITING_META );
	delete_comment_meta( $id, WOULD_PUBLISH_META );
}

/**
 * Sends the moderator the letter that the Akismet plugin kept back while the comment waited; once.
 *
 * @param int $id The comment.
 */
function notify( $id ) {
	if ( get_comment_meta( $id, 'akismet_delayed_moderation_email', true ) ) {
		forget_delayed_letter( $id );
		wp_new_comment_notify_moderator( $id );
	}
}

/**
 * There is nothing to write about any more.
 *
 * @param int $id The comment.
 */
function forget_delayed_letter( $id ) {
	delete_comment_meta( $id, 'akismet_delay_moderation_email' );
	delete_comment_meta( $id, 'akismet_delayed_moderation_email' );
}

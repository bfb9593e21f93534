<?php
/**
 * Keeps what phin said of a comment beside the comment: the verdict, how sure it is, and why.
 *
 * The words in it are the commenter's. They are kept as they came and escaped where they are shown.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

const VERDICT_META     = '_phin_verdict';
const PROBABILITY_META = '_phin_probability';
const REASONS_META     = '_phin_reasons';
const LONGEST_REASONS  = 2000;

add_filter( 'preprocess_comment', __NAMESPACE__ . '\\forget_answer', 0 );
add_filter( 'rest_pre_insert_comment', __NAMESPACE__ . '\\forget_answer', 0 );
add_action( 'akismet_comment_check_response', __NAMESPACE__ . '\\hear_answer' );
// The Akismet plugin asks with priority 1.
add_filter( 'preprocess_comment', __NAMESPACE__ . '\\attach_to_comment', 2 );
add_filter( 'rest_pre_insert_comment', __NAMESPACE__ . '\\attach_to_rest_comment', 2 );

/**
 * The last answer about a new comment: its headers and its body, as the Akismet plugin hands them
 * on. Null if nothing was asked.
 *
 * @param array|null|false $set What to remember; false leaves it.
 * @return array|null
 */
function answer( $set = false ) {
	static $answer = null;
	if ( false !== $set ) {
		$answer = $set;
	}
	return $answer;
}

/**
 * A new comment begins: what was said of the one before is not meant for it.
 *
 * @param mixed $comment The comment, which stays as it is.
 */
function forget_answer( $comment ) {
	answer( null );
	return $comment;
}

/**
 * The Akismet plugin has asked about a new comment.
 *
 * @param mixed $response Headers and body.
 */
function hear_answer( $response ) {
	answer( is_array( $response ) ? $response : array( '', '' ) );
}

/**
 * Whether this body is a verdict. All else means that phin is away, or that what answers is not
 * phin.
 *
 * @param mixed $body The body of an answer.
 */
function is_verdict( $body ) {
	return 'true' === $body || 'false' === $body;
}

/**
 * A header of an answer, '' if it has none.
 *
 * @param mixed  $headers What WordPress has of them: an array, or an object that acts like one.
 * @param string $name    In lower case.
 */
function header_of( $headers, $name ) {
	if ( ! is_array( $headers ) && ! ( $headers instanceof \ArrayAccess ) ) {
		return '';
	}
	$value = isset( $headers[ $name ] ) ? $headers[ $name ] : '';
	$value = is_array( $value ) ? reset( $value ) : $value;
	return is_string( $value ) ? $value : '';
}

/**
 * What the headers say of a comment, by the name under which it is kept. Empty if they are not
 * phin's.
 *
 * @param mixed $headers The headers of an answer.
 * @return array<string, string>
 */
function verdict_in( $headers ) {
	$verdict = header_of( $headers, 'x-spam-verdict' );
	if ( ! in_array( $verdict, array( 'ham', 'unsure', 'spam', 'discard' ), true ) ) {
		return array();
	}
	$kept        = array( VERDICT_META => $verdict );
	$probability = header_of( $headers, 'x-spam-probability' );
	if ( is_numeric( $probability ) && $probability >= 0 && $probability <= 1 ) {
		$kept[ PROBABILITY_META ] = sprintf( '%.4F', $probability );
	}
	$reasons = wp_check_invalid_utf8( header_of( $headers, 'x-spam-reasons' ), true );
	$reasons = trim( (string) preg_replace( '/[[:cntrl:]]+/', ' ', $reasons ) );
	if ( '' !== $reasons ) {
		$kept[ REASONS_META ] = mb_substr( $reasons, 0, LONGEST_REASONS );
	}
	return $kept;
}

/**
 * Gives a new comment what phin said of it; WordPress stores that together with the comment.
 *
 * @param array $comment A comment that is about to be stored, its values slashed.
 */
function attach_to_comment( $comment ) {
	return is_array( $comment ) ? slash_reasons( attach( $comment ) ) : $comment;
}

/**
 * The same for a comment that comes through WordPress's REST API, whose values are not slashed yet.
 *
 * @param array|\WP_Error $comment A comment that is about to be stored, or why it is not.
 */
function attach_to_rest_comment( $comment ) {
	return is_array( $comment ) ? hold_rest_comment( attach( $comment ) ) : $comment;
}

/**
 * Slashes what we have attached, as WordPress expects it where everything else is slashed.
 *
 * @param array $comment The comment.
 */
function slash_reasons( $comment ) {
	if ( isset( $comment['comment_meta'][ REASONS_META ] ) ) {
		$comment['comment_meta'][ REASONS_META ] = wp_slash( $comment['comment_meta'][ REASONS_META ] );
	}
	return $comment;
}

/**
 * Attaches the verdict, or the mark that phin was away.
 *
 * @param array $comment A comment that is about to be stored.
 */
function attach( $comment ) {
	$answer = answer();
	if ( null === $answer || '' === address() ) {
		return $comment;
	}
	$meta = isset( $comment['comment_meta'] ) && is_array( $comment['comment_meta'] ) ? $comment['comment_meta'] : array();
	if ( is_verdict( isset( $answer[1] ) ? $answer[1] : '' ) ) {
		$comment['comment_meta'] = verdict_in( $answer[0] ) + $meta;
		phin_is_back();
	} elseif ( ! current_user_can( 'moderate_comments' ) ) {
		$comment['comment_meta'] = array( WAITING_META => (string) time() ) + $meta;
	}
	return $comment;
}

/**
 * Stores a verdict beside a comment that is stored already.
 *
 * @param int   $id      The comment.
 * @param mixed $headers The headers of an answer.
 */
function keep_verdict( $id, $headers ) {
	$kept = verdict_in( $headers );
	if ( ! $kept ) {
		return;
	}
	foreach ( array( VERDICT_META, PROBABILITY_META, REASONS_META ) as $name ) {
		if ( isset( $kept[ $name ] ) ) {
			update_comment_meta( $id, $name, wp_slash( $kept[ $name ] ) );
		} else {
			delete_comment_meta( $id, $name );
		}
	}
}

/**
 * The Akismet plugin, or we, asked again about a stored comment: "Check for Spam", or a retry. A
 * new comment has no ID yet.
 *
 * @param string $body   What was sent.
 * @param array  $answer What phin answered.
 */
function keep_verdict_of_recheck( $body, $answer ) {
	parse_str( $body, $fields );
	if ( empty( $fields['recheck_reason'] ) || empty( $fields['comment_ID'] ) || ! is_string( $fields['comment_ID'] ) ) {
		return;
	}
	$comment = get_comment( (int) $fields['comment_ID'] );
	if ( $comment && is_verdict( wp_remote_retrieve_body( $answer ) ) ) {
		keep_verdict( (int) $comment->comment_ID, wp_remote_retrieve_headers( $answer ) );
	}
}

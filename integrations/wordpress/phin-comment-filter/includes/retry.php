<?php
/**
 * Comes back to what phin could not be asked or told: soon at first, then at growing intervals,
 * until it answers.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

const RETRY_HOOK = 'phin_comment_filter_retry';
// How often in a row phin was found away.
const FAILURES_OPTION = 'phin_comment_filter_failures';
const INTERVALS       = array( 5 * MINUTE_IN_SECONDS, 15 * MINUTE_IN_SECONDS, HOUR_IN_SECONDS, 3 * HOUR_IN_SECONDS, 6 * HOUR_IN_SECONDS );
// Comments and reports of one run.
const BATCH = 50;

add_action( RETRY_HOOK, __NAMESPACE__ . '\\retry' );

/**
 * Makes sure that somebody comes back.
 *
 * @param int|null $delay Seconds; else as long as the failures so far suggest.
 */
function schedule_retry( $delay = null ) {
	if ( null !== $delay ) {
		wp_clear_scheduled_hook( RETRY_HOOK );
	} elseif ( wp_next_scheduled( RETRY_HOOK ) ) {
		return;
	} else {
		$delay = INTERVALS[ min( (int) get_option( FAILURES_OPTION, 0 ), count( INTERVALS ) - 1 ) ];
	}
	wp_schedule_single_event( time() + $delay, RETRY_HOOK );
}

/**
 * phin has answered: if it was found away before, what waits is taken up at once.
 */
function phin_is_back() {
	if ( get_option( FAILURES_OPTION, 0 ) ) {
		delete_option( FAILURES_OPTION );
		schedule_retry( 0 );
	}
}

/**
 * How much waits.
 *
 * @return array{comments: int, reports: int}
 */
function waiting() {
	global $wpdb;
	$count = function ( $name ) use ( $wpdb ) {
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(DISTINCT comment_id) FROM $wpdb->commentmeta WHERE meta_key = %s", $name ) );
	};
	return array(
		'comments' => $count( WAITING_META ),
		'reports'  => $count( REPORT_META ),
	);
}

/**
 * The comments that have such a mark, the oldest mark first.
 *
 * @param string $name The mark.
 * @return int[]
 */
function marked( $name ) {
	global $wpdb;
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery
	$ids = $wpdb->get_col( $wpdb->prepare( "SELECT comment_id FROM $wpdb->commentmeta WHERE meta_key = %s GROUP BY comment_id ORDER BY MIN(meta_id) LIMIT %d", $name, BATCH ) );
	return array_map( 'intval', $ids );
}

/**
 * Does what is due. The first call that fails ends the run, for phin is away for all of them.
 */
function retry() {
	if ( '' === address() || ! is_callable( array( 'Akismet', 'http_post' ) ) ) {
		// The settings or the Akismet plugin may come back.
		if ( array_sum( waiting() ) > 0 ) {
			schedule_retry( INTERVALS[ count( INTERVALS ) - 1 ] );
		}
		return;
	}
	$answered = true;
	foreach ( marked( REPORT_META ) as $id ) {
		$answered = report_again( $id );
		if ( ! $answered ) {
			break;
		}
	}
	foreach ( marked( WAITING_META ) as $id ) {
		if ( time() - (int) get_comment_meta( $id, WAITING_META, true ) > LONGEST_WAIT ) {
			waits_no_more( $id );
			notify( $id );
		} elseif ( $answered ) {
			$answered = recheck( $id );
		}
	}
	if ( $answered ) {
		delete_option( FAILURES_OPTION );
	} else {
		update_option( FAILURES_OPTION, (int) get_option( FAILURES_OPTION, 0 ) + 1 );
	}
	if ( array_sum( waiting() ) > 0 ) {
		schedule_retry( $answered ? MINUTE_IN_SECONDS : INTERVALS[ min( (int) get_option( FAILURES_OPTION, 0 ), count( INTERVALS ) - 1 ) ] );
	}
}

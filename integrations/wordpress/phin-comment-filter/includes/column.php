<?php
/**
 * A column in the list of comments: what phin thinks of each, how sure it is, and why.
 *
 * @package PhinCommentFilter
 */

namespace PhinCommentFilter;

defined( 'ABSPATH' ) || exit;

const COLUMN = 'phin';

add_filter( 'manage_edit-comments_columns', __NAMESPACE__ . '\\add_column' );
add_filter( 'manage_edit-comments_sortable_columns', __NAMESPACE__ . '\\make_sortable' );
add_action( 'manage_comments_custom_column', __NAMESPACE__ . '\\show_column', 10, 2 );
add_filter( 'comments_list_table_query_args', __NAMESPACE__ . '\\sort_by_probability' );
add_action( 'admin_enqueue_scripts', __NAMESPACE__ . '\\add_style' );

/**
 * Adds the column before the date.
 *
 * @param string[] $columns The columns so far.
 */
function add_column( $columns ) {
	if ( '' === address() ) {
		return $columns;
	}
	$before = array_search( 'response', array_keys( $columns ), true );
	$before = false === $before ? count( $columns ) : $before;
	return array_slice( $columns, 0, $before, true ) + array( COLUMN => 'phin' ) + array_slice( $columns, $before, null, true );
}

/**
 * The likeliest spam first, if somebody clicks.
 *
 * @param array $columns The sortable columns so far.
 */
function make_sortable( $columns ) {
	$columns[ COLUMN ] = array( 'phin_probability', true );
	return $columns;
}

/**
 * Comments without a verdict come last, or first the other way round; they are not left out.
 *
 * @param array $arguments The list's query.
 */
function sort_by_probability( $arguments ) {
	if ( ! isset( $arguments['orderby'] ) || 'phin_probability' !== $arguments['orderby'] ) {
		return $arguments;
	}
	$ours = array(
		'relation'         => 'OR',
		'phin_probability' => array(
			'key'     => PROBABILITY_META,
			'compare' => 'EXISTS',
			'type'    => 'DECIMAL(6,4)',
		),
		'phin_none'        => array(
			'key'     => PROBABILITY_META,
			'compare' => 'NOT EXISTS',
		),
	);
	// phpcs:ignore WordPress.DB.SlowDBQuery -- only when somebody sorts.
	$arguments['meta_query'] = empty( $arguments['meta_query'] ) ? $ours : array( $ours, $arguments['meta_query'] );
	return $arguments;
}

/**
 * A verdict in a moderator's words.
 *
 * @param string $verdict phin's word.
 */
function verdict_label( $verdict ) {
	switch ( $verdict ) {
		case 'ham':
			return __( 'looks fine', 'phin-comment-filter' );
		case 'unsure':
			return __( 'unsure', 'phin-comment-filter' );
		case 'spam':
			return __( 'spam', 'phin-comment-filter' );
		case 'discard':
			return __( 'blatant spam', 'phin-comment-filter' );
		default:
			return '';
	}
}

/**
 * The single reasons; each ends with its weight.
 *
 * @param string $reasons As phin sent them.
 * @return string[]
 */
function single_reasons( $reasons ) {
	return array_filter( array_map( 'trim', preg_split( '/(?<=[+-]\d\.\d); /', $reasons ) ), 'strlen' );
}

/**
 * Shows the column of one comment. All of it may hold the words of whoever wrote the comment, so
 * all of it is escaped.
 *
 * @param string $column The column.
 * @param int    $id     The comment.
 */
function show_column( $column, $id ) {
	if ( COLUMN !== $column || ! current_user_can( 'edit_comment', $id ) ) {
		return;
	}
	$verdict = (string) get_comment_meta( $id, VERDICT_META, true );
	$label   = verdict_label( $verdict );
	if ( get_comment_meta( $id, WAITING_META, true ) ) {
		echo '<span class="phin-note">' . esc_html__( 'phin was away; it will be asked again.', 'phin-comment-filter' ) . '</span>';
	} elseif ( '' === $label ) {
		echo '<span aria-hidden="true">&#8212;</span><span class="screen-reader-text">' . esc_html__( 'phin was not asked', 'phin-comment-filter' ) . '</span>';
		return;
	}
	if ( '' !== $label ) {
		$probability = get_comment_meta( $id, PROBABILITY_META, true );
		echo '<span class="phin-verdict phin-' . esc_attr( $verdict ) . '">' . esc_html( $label ) . '</span>';
		if ( is_numeric( $probability ) ) {
			// Never "100 %" or "0 %": phin is never certain.
			$percent = min( 99, max( 1, (int) round( 100 * (float) $probability ) ) );
			/* translators: %d: the probability that the comment is spam, from 1 to 99. */
			echo ' <span class="phin-probability" title="' . esc_attr__( 'how likely it is spam', 'phin-comment-filter' ) . '">' . esc_html( sprintf( __( '%d %%', 'phin-comment-filter' ), $percent ) ) . '</span>';
		}
	}
	$reasons = single_reasons( (string) get_comment_meta( $id, REASONS_META, true ) );
	if ( $reasons ) {
		echo '<details class="phin-why"><summary>' . esc_html__( 'why', 'phin-comment-filter' ) . '</summary><ul>';
		foreach ( $reasons as $reason ) {
			echo '<li>' . esc_html( $reason ) . '</li>';
		}
		echo '</ul><span class="phin-note">' . esc_html__( '+ speaks for spam, - against it', 'phin-comment-filter' ) . '</span></details>';
	}
	if ( get_comment_meta( $id, REPORT_META, true ) ) {
		echo '<span class="phin-note">' . esc_html__( 'Your decision is not told to phin yet; it will be.', 'phin-comment-filter' ) . '</span>';
	}
}

/**
 * The column's looks.
 *
 * @param string $page The page that is shown.
 */
function add_style( $page ) {
	if ( 'edit-comments.php' !== $page || '' === address() ) {
		return;
	}
	wp_register_style( 'phin-comment-filter', false, array(), '1.0.0' );
	wp_enqueue_style( 'phin-comment-filter' );
	wp_add_inline_style(
		'phin-comment-filter',
		'.column-phin{width:13%}
		.phin-verdict{display:inline-block;padding:1px 8px;border-radius:10px;white-space:nowrap;background:#e5f5e8;color:#0a5a1c}
		.phin-unsure{background:#fcf3d4;color:#6b4a00}
		.phin-spam,.phin-discard{background:#fbe6e6;color:#8a1f1f}
		.phin-probability{color:#50575e;white-space:nowrap}
		.phin-why{margin-top:4px}.phin-why summary{cursor:pointer;color:#2271b1}
		.phin-why ul{margin:4px 0 0;list-style:disc;padding-left:16px;overflow-wrap:anywhere}
		.phin-note{display:block;margin-top:4px;color:#50575e}'
	);
}

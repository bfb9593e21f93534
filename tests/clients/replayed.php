<?php
// Sends a call as PHP clients do that hand curl an array: curl makes multipart/form-data of it, whatever Akismet's documentation says.
// In and out is JSON: {"url", "agent", "fields": {...}}, and {"status", "headers": [[name, value], ...], "body"}.

$call = json_decode( stream_get_contents( STDIN ), true );
$headers = array();
$curl = curl_init();
curl_setopt_array( $curl, array(
	CURLOPT_URL => $call['url'],
	CURLOPT_USERAGENT => $call['agent'],
	CURLOPT_FOLLOWLOCATION => true,
	CURLOPT_RETURNTRANSFER => true,
	CURLOPT_TIMEOUT => 30,
	CURLOPT_POST => true,
	CURLOPT_POSTFIELDS => $call['fields'],
	CURLOPT_HEADERFUNCTION => function ( $_, $line ) use ( &$headers ) {
		if ( str_contains( $line, ':' ) ) {
			$headers[] = array_map( 'trim', explode( ':', $line, 2 ) );
		}
		return strlen( $line );
	},
) );
$body = curl_exec( $curl );
if ( false === $body ) {
	fwrite( STDERR, curl_error( $curl ) . "\n" );
	exit( 1 );
}
echo json_encode( array( 'status' => curl_getinfo( $curl, CURLINFO_RESPONSE_CODE ), 'headers' => $headers, 'body' => $body ) );

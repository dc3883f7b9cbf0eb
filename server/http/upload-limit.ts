/** What who is signed in may send in one request: the candles of a backtest. */
export const MOST_UPLOAD_BYTES = 8 * 1024 * 1024

/** `.env` of a new installation. README.md names every setting. */
export const ENV_TEMPLATE = `# Settings of this installation of TradeBot, one NAME=value a line. README.md of the release in current/ says what there is.
# What the shell sets comes before what stands here. TradeBot reads this when it starts.
#
# PORT=4000
# DATABASE_URL=postgres://...      (without it TradeBot keeps a PostgreSQL of its own in data/)
`

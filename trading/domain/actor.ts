/** Who does something; written to each event. `label`: "user", "token:NAME", "worker", "cron", or "tradebotctl" for who has the database. */
export type Actor = { userId: string; label: string }

/** Who does something; written to each event. `label`: "user", "token:NAME", "worker" or "cron". */
export type Actor = { userId: string; label: string }

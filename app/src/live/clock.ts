import { createSignal } from 'solid-js'

const [now, setNow] = createSignal(new Date())
setInterval(() => setNow(new Date()), 1000)

/** The browser's time, once a second: "in 12 s" counts down by reading it. */
export { now }

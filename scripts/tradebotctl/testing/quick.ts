import path from 'node:path'

/** Environment of a process that keeps its compiled code, so that the next one starts in a third of the time. */
export const QUICK = {
  NODE_COMPILE_CACHE: path.join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'node'),
}

/** Tests of the worker trade on a real exchange in their own process; the worker itself knows nothing of it. */
export { startSandbox, type Sandbox } from '#sandbox/server.ts'

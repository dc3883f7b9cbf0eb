import { z } from 'zod'

/** Whether npm installs a package on this machine, by the `os`, `cpu` and `libc` that it names (npm-install-checks has the same rules). */
export function fitsPlatform(wanted: {
  os?: readonly string[] | undefined
  cpu?: readonly string[] | undefined
  libc?: readonly string[] | undefined
}): boolean {
  if (!fits(wanted.os, process.platform) || !fits(wanted.cpu, process.arch)) return false
  if (wanted.libc === undefined || wanted.libc.length === 0) return true
  return process.platform === 'linux' && fits(wanted.libc, libc())
}

/** A list of what fits, or, with "!" in front, of what does not. */
function fits(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0 || (list.length === 1 && list[0] === 'any')) return true
  if (list.includes(`!${value}`)) return false
  return list.includes(value) || list.every((each) => each.startsWith('!'))
}

const reportSchema = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) })

let known: string | undefined

function libc(): string {
  known ??= reportSchema.safeParse(process.report.getReport()).data?.header.glibcVersionRuntime
    ? 'glibc'
    : 'musl'
  return known
}

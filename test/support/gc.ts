/** @file Garbage collection on demand, for tests of finalizers. Node only. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collect, and let finalizers run: they need the event loop to turn. */
export async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    gc()
    await new Promise((turned) => setImmediate(turned))
  }
}

/** @file Processes that are asked for things one after the other, and are ended where they take too long. */
import { type ChildProcess, fork } from 'node:child_process'

/** A process, started when it is first needed and again after it was lost. */
export class Process<Request extends object, Reply> {
  private child: ChildProcess | undefined
  private readonly program: string
  private readonly execArgv: readonly string[]
  served = 0

  /** @param execArgv  of Node, before the program */
  constructor(program: string, execArgv: readonly string[] = []) {
    this.program = program
    this.execArgv = execArgv
  }

  /** The answer; 'late' after so many milliseconds, 'gone' if the process ended: both stop it. */
  ask(request: Request, milliseconds: number): Promise<Reply | 'late' | 'gone'> {
    if (!this.child?.connected) this.child = this.start()
    const { child } = this
    return new Promise((resolve) => {
      const done = (answer: Reply | 'late' | 'gone'): void => {
        clearInterval(timer)
        child.off('message', done)
        child.off('exit', gone)
        if (typeof answer === 'string') this.stop()
        resolve(answer)
      }
      const gone = (): void => done('gone')
      // In small steps: a machine that slept, or a process that was stopped, lost no time.
      let left = milliseconds
      const timer = setInterval(() => {
        left -= 100
        if (left <= 0) done('late')
      }, 100)
      child.on('message', done)
      child.on('exit', gone)
      child.send(request)
    })
  }

  private start(): ChildProcess {
    this.served = 0
    const child = fork(this.program, { execArgv: [...this.execArgv], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    // One that cannot be reached ends as well.
    child.on('error', () => child.kill('SIGKILL'))
    return child
  }

  stop(): void {
    this.child?.kill('SIGKILL')
    this.child = undefined
    this.served = 0
  }
}

/** Work through a list on all lanes. */
export async function each<T, P>(list: readonly T[], judges: readonly P[], work: (one: T, judge: P) => Promise<void>) {
  const rest = [...list]
  await Promise.all(
    judges.map(async (judge) => {
      for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one, judge)
    }),
  )
}

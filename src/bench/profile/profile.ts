/** @file What a profile is: rows and sums, and the forms in which it is shown. */
import { optionsOf } from '../../ops/base/options.ts'
import { plain } from '../../text/terminal.ts'
import { type DeviceClock, type PlainStep, PROFILE_SCHEMA, type ProfileData } from './data.ts'
import type { StepEvents } from './events.ts'
import { pageOf, sectionOf } from './page.ts'
import { modulesOf, rowsOf, totalsOf } from './rows.ts'
import { ROWS, summaryOf, tableOf } from './text.ts'
import { type Trace, traceOf } from './trace.ts'

/** What is known of steps that were watched. */
interface Watched {
  readonly device: string
  readonly clock: DeviceClock
  readonly steps: readonly StepEvents[]
  readonly first: ProfileData['first']
  readonly plain: PlainStep | null
}

/** What `profile` gives: where the time of a step goes. */
export class Profile {
  /** The figures. */
  readonly data: ProfileData
  private readonly steps: readonly StepEvents[]

  /** @internal */
  constructor({ device, clock, steps, first, plain }: Watched) {
    const rows = rowsOf(steps, clock)
    const totals = totalsOf(steps, rows, clock)
    const modules = modulesOf(steps, clock)
    this.data = { schema: PROFILE_SCHEMA, device, clock, steps: steps.length, totals, first, plain, rows, modules }
    this.steps = steps
  }

  /** Sums of a step and its table. */
  toString(): string {
    return [...summaryOf(this.data), '', this.table()].join('\n')
  }

  /**
   * A row for each op, shape, kernel and variant, the longest first.
   * @param options.rows      at most; default 20
   * @param options.columns  of a line; a row that is longer stands in several. Default: the terminal's, else 180
   */
  table(options?: { rows?: number; columns?: number }): string {
    const { rows, columns } = optionsOf('Profile.table', options, { rows: ROWS, columns: widthOf() })
    return tableOf(this.data, rows, { ...plain, columns })
  }

  /** The figures, as `JSON.stringify` writes them. */
  toJSON(): ProfileData {
    return this.data
  }

  /**
   * A page that loads nothing: charts, a step on a line of time, the table, the modules.
   * @param options.title  default: Profile
   */
  toHTML(options?: { title?: string }): string {
    const { title } = optionsOf('Profile.toHTML', options, { title: 'Profile' })
    return pageOf(title, this.data, this.steps)
  }

  /** The same as part of another page, below a heading of its second level. @internal */
  section(): { readonly style: string; readonly body: string } {
    return sectionOf(this.data, this.steps, 'h3')
  }

  /**
   * Every step in the Trace Event Format: written by `JSON.stringify`, it opens in ui.perfetto.dev and
   * chrome://tracing. Modules, the walk backward and ops stand within each other on the host's track, passes on the
   * device's.
   */
  toTrace(): Trace {
    const { device, clock, totals } = this.data
    const about = { device, clock: clock ?? 'none', dispatches: totals.dispatches }
    return traceOf(this.steps, clock, about)
  }
}
/** Columns of a table in a file or a page's console: no row of ours is wider. */
const WIDE = 180
const widthOf = (): number => (typeof process === 'undefined' ? WIDE : (process.stdout?.columns ?? WIDE))

// Node's console shows it as its text; JSON has its figures.
Object.defineProperty(Profile.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: Profile.prototype.toString,
})

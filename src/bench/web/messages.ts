/** @file What the page and its worker say to each other. */
import type { Scale } from '../case.ts'
import type { Report } from '../figure.ts'
import type { OwnSpec } from '../own/spec.ts'

/** What is to be measured. */
export type Task =
  | {
      readonly kind: 'suites'
      readonly names: readonly string[]
      readonly scale: Scale | null
      readonly seconds: number
      readonly peaks: boolean
      readonly only?: readonly string[]
    }
  | { readonly kind: 'ladder'; readonly name: string; readonly seconds: number }
  | { readonly kind: 'own'; readonly spec: OwnSpec; readonly reference: string; readonly seconds: number }

export interface Order {
  readonly task: Task
  /** What only the page knows of the browser. */
  readonly place: { readonly runtime: string; readonly system: string; readonly processor: string }
}

/** What the worker answers: how far it is, and at the end a report with the page that shows it, or a fault. */
export type Answer =
  | { readonly kind: 'progress'; readonly done: number; readonly about: string }
  | { readonly kind: 'report'; readonly report: Report; readonly html: string }
  | { readonly kind: 'fault'; readonly message: string }

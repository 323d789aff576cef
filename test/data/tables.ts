/** @file Replays test/reference/data/transforms.json: tables as scikit-learn and pandas change them. */
import { readFileSync } from 'node:fs'
import * as transforms from '../../src/data/transforms.ts'
import { type Device, type Tensor, tensor } from '../../src/index.ts'
import type { Any } from '../support/refusals.ts'

interface TableCase {
  readonly transform: string
  readonly options: Any
  readonly fit: Any
  readonly x: Any
  readonly y: Any
  readonly back?: Any
  readonly learned?: Readonly<Record<string, Any>>
}

/** 'NaN' stands for NaN. */
const named = (_: string, value: unknown): unknown => (value === 'NaN' ? Number.NaN : value)
const file = new URL('../reference/data/transforms.json', import.meta.url)
export const tableCases: readonly TableCase[] = JSON.parse(readFileSync(file, 'utf8'), named)

/** A transform of a case. */
export function transformOf({ transform, options }: Pick<TableCase, 'transform' | 'options'>): Any {
  const classes = transforms as Any
  if (transform !== 'Pipeline') return new classes[transform](options)
  return new transforms.Pipeline(options.map(([name, own]: [string, object]) => new classes[name](own)))
}

/** A table as rows, whatever it was. */
function rowsOf(y: Any): Any {
  if (!y?.shape) return Array.from(y)
  const [rows, columns] = y.shape
  return Array.from({ length: rows }, (_, r) => Array.from(y.data.slice(r * columns, (r + 1) * columns)))
}

/** Whether two values are the same, numbers within a part of the larger one, or of 1. */
function near(a: Any, b: Any, within: number): boolean {
  if (Array.isArray(b) || ArrayBuffer.isView(b)) {
    const [left, right] = [Array.from(a as Any[]), Array.from(b as Any)]
    return left.length === right.length && left.every((one, i) => near(one, right[i], within))
  }
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Object.is(a, b) || Math.abs(a - b) <= within * Math.max(1, Math.abs(b))
}

/** What differs on the host from the references; also after a state was saved and loaded. */
export function hostFaults(): string[] {
  return tableCases.flatMap((one, i) => {
    const fitted = transformOf(one).fit(one.fit)
    const loaded = transformOf(one)
    // As a file has it: text, and arrays of numbers.
    loaded.loadStateDict(fitted.stateDict())
    const checks: [string, unknown, unknown][] = [
      ['y', rowsOf(one.transform === 'DropDuplicates' ? fitted.transform(one.x) : loaded.transform(one.x)), one.y],
      ['fitTransform', rowsOf(transformOf(one).fitTransform(one.fit)), rowsOf(fitted.transform(one.fit))],
    ]
    if (one.back) checks.push(['back', rowsOf(loaded.inverseTransform(fitted.transform(one.x))), one.back])
    for (const name in one.learned) checks.push([name, fitted[name], one.learned[name]])
    return checks
      .filter(([, got, wanted]) => !near(got, wanted, 1e-12))
      .map(
        ([what, got, wanted]) => `${i} ${one.transform} ${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`,
      )
  })
}

/** What differs where the tables are tensors. */
export async function tensorFaults(device: Device, dtype: 'float32' | 'float64', within: number): Promise<string[]> {
  const faults: string[] = []
  for (const [i, one] of tableCases.entries()) {
    // Text has no tensors; numbers that float32 cannot tell apart are the host's.
    const large = dtype === 'float32' && one.fit.flat().some((value: unknown) => Math.abs(Number(value)) > 1e6)
    const encodes = ['OneHotEncoder', 'LabelEncoder', 'DropDuplicates'].includes(one.transform)
    if (encodes || large || !one.fit.flat().every((value: unknown) => typeof value === 'number')) continue
    const fitted = transformOf(one).fit(one.fit)
    const y: Tensor = fitted.transform(tensor(one.x, { device, dtype }))
    if (y.dtype !== dtype || y.device !== device) faults.push(`${i} is ${y.dtype} on ${y.device.name}`)
    const back = one.back && (await fitted.inverseTransform(y).array())
    if (!near(await y.array(), one.y, within)) faults.push(`${i} ${one.transform}: ${await y.array()}, not ${one.y}`)
    if (one.back && !near(back, one.back, within * 8))
      faults.push(`${i} ${one.transform} back: ${back}, not ${one.back}`)
  }
  return faults
}

/**
 * @file Findings of layers: scale of what they give and of the gradients to them, units that are dead or at their ends.
 */
import type { FindingCode, Found } from './finding.ts'
import type { Look } from './look.ts'
import type { Session } from './session.ts'
import type { Layer } from './watch.ts'

/** Share of values at the ends: more than this is too many. */
const SATURATED = 0.7
/**
 * Units of a ReLU that are 0 for all samples: as many are too many. Of inputs that are alike, as those are that come
 * from ReLUs themselves, the sign of its weights' sum decides for a unit: half of n are dead by chance, with a
 * deviation of √n/2. Three deviations more are not by chance.
 */
const manyDead = (units: number): number => Math.min(units, units / 2 + 1.5 * Math.sqrt(units))
/** What an activation may have grown to, and what a gradient. */
const GROWN = 1e3
/** What the difference between samples may have shrunk to, and a gradient: float32 has seven digits. */
const SHRUNK = 1e-5

/**
 * Findings before and after steps. What went away by itself is none: a last layer of zeros lets no gradient through at
 * first.
 */
export function layerFindings(session: Session, before: Look, after: Look | undefined): void {
  const first = findingsOf(before, 0)
  const last = after && findingsOf(after, session.batches.length)
  const same = (a: Found) => (b: Found) => a.code === b.code && a.where === b.where
  session.found.push(...first.filter((one) => !last || last.some(same(one))))
  session.found.push(...(last ?? []).filter((one) => !first.some(same(one))))
}

/** @param since  steps that were taken before the look */
function findingsOf(look: Look, since: number): Found[] {
  const found: Found[] = []
  const find: Find = (code, { where, order }, numbers) =>
    found.push({ code, where, numbers: { ...numbers, since, order } })
  const { watch } = look
  for (const one of watch.activations) {
    const { op, units, dead, saturated } = one
    if (op === 'relu' && dead >= manyDead(units)) find('deadReLU', one, { dead, units })
    if (saturated > SATURATED) find('saturated', one, { share: saturated, op })
  }
  activations(find, look)
  gradients(find, look)
  return found
}

type Find = (code: FindingCode, at: { where: string; order: number }, numbers: Found['numbers']) => void

function activations(find: Find, { watch, inputs, spread, predictions }: Look): void {
  const { layers } = watch
  const floor = Math.max(1, inputs)
  const grown = layers.find(({ rms }) => rms > GROWN * floor)
  if (grown) find('explodingActivations', grown, { from: floor, rms: grown.rms })
  // Of a prediction that tells samples apart nothing was lost on the way. A last layer may begin with zeros.
  const most = Math.max(spread, ...layers.map((layer) => layer.spread))
  if (!(predictions < SHRUNK * most)) return
  const from = layers.findLastIndex((layer) => layer.spread >= SHRUNK * most) + 1
  const lost = layers.slice(from)
  if (lost.filter(({ weighted }) => weighted).length < 2) return
  find('vanishingActivations', lost[0], { from: most, spread: lost[0].spread })
}

function gradients(find: Find, { watch }: Look): void {
  // Of a layer that is called again and again, through time, the first call of a pass stands for all.
  const known = watch.layers.filter((layer) => layer.gradientNorm > 0 && layer.weighted && !layer.where.includes(' #'))
  const last = known.at(-1)
  if (!last || known.length < 3) return
  const least = (list: readonly Layer[]): Layer => list.reduce((a, b) => (b.gradientNorm < a.gradientNorm ? b : a))
  const greatest = (list: readonly Layer[]): Layer => list.reduce((a, b) => (b.gradientNorm > a.gradientNorm ? b : a))
  const [weak, strong] = [least(known), greatest(known)]
  const from = last.gradientNorm
  if (weak.order < last.order && weak.gradientNorm < SHRUNK * from)
    find('vanishingGradients', weak, { from, norm: weak.gradientNorm })
  if (strong.gradientNorm > GROWN * from) find('explodingGradients', strong, { from, norm: strong.gradientNorm })
}

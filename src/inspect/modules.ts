/** @file Which module made which node, for drawings that fold modules. The calls are noted by nn/call.ts. */
import { type ModuleFrame, pathOf } from '../core/frame.ts'
import type { Node } from '../core/graph.ts'
import type { ModuleCall } from './graph.ts'

/** One object for each call, so that what it made can be told from what another call made. */
const calls = new WeakMap<ModuleFrame, ModuleCall>()

/** The calls that made a node, outermost first, without that of the model itself. */
export function modulesOf({ frame }: Node): readonly ModuleCall[] {
  const found: ModuleCall[] = []
  for (let at = frame; at?.outer; at = at.outer) {
    const call = calls.get(at) ?? { path: pathOf(at), kind: at.module.constructor.name }
    calls.set(at, call)
    found.unshift(call)
  }
  return found
}

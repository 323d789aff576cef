/**
 * @file The params of a launch as the words of its shader's `struct Params`. Whether they go as immediate data or as a
 * uniform buffer is decided in launch.ts; the buffers are in uniforms.ts.
 */
import { type ParamType, WORD_BYTES } from '../core/contract.ts'
import { fail } from '../core/errors.ts'
import { type Kernel, Live, type Params } from '../core/kernel.ts'

/** Words of the largest params block. */
const MAX_WORDS = 64

/** A field of `struct Params`, and the word at which it begins. */
export interface Field {
  readonly name: string
  readonly type: ParamType
  readonly word: number
}

/** The fields of a kernel's params. @throws HandgradError if they are more than can be packed */
export function fieldsOf({ name, params, paramBytes }: Kernel): readonly Field[] {
  const most = MAX_WORDS * WORD_BYTES
  if (paramBytes > most) fail(name, `params take ${paramBytes} bytes, at most ${most} are packed`)
  return params.map(({ name, type, offset }) => ({ name, type, word: offset / WORD_BYTES }))
}

/** Numbers the ops that report to the status buffer. */
export interface Ids {
  idOf(label: string): number
}

/** Words that are filled anew for each dispatch. */
export class ParamWords {
  readonly u32 = new Uint32Array(MAX_WORDS)
  private readonly f32 = new Float32Array(this.u32.buffer)

  /**
   * Fill in the values of a dispatch, which come before those of its launch.
   * @param ids  of the ops that report: `launch_id` is the device's own, whatever a launch says
   * @returns true if a value came from a `Live` cell
   */
  fill(kernel: Kernel, fields: readonly Field[], own: Params | undefined, shared: Params, label: string, ids: Ids) {
    const { u32, f32 } = this
    let live = false
    for (const { name, type, word } of fields) {
      if (name === 'launch_id') {
        u32[word] = ids.idOf(label)
        continue
      }
      let value = own?.[name] ?? shared[name]
      if (typeof value === 'object' && value instanceof Live) {
        value = value.value
        live = true
      }
      if (typeof value === 'number') {
        if (type === 'f32') f32[word] = value
        else u32[word] = value
      } else if (value !== undefined) {
        const words = type === 'vec4f' ? f32 : u32
        words[word] = value[0]
        words[word + 1] = value[1]
        words[word + 2] = value[2]
        words[word + 3] = value[3]
      } else fail(label, `param ${name} of kernel ${kernel.name} is missing`)
    }
    return live
  }
}

import * as types from '../../../src/wgsl/types.ts'
import type { Draw } from './draw.ts'
export function floatPart(_draw: Draw, p: string, _threads: number, all: number) {
  return {
    type: types.struct(`${p}F`, [{ name: 'f', type: types.f32 }]),
    inputs: types.struct(`${p}X`, [{ name: 'f', type: types.f32 }]),
    data: [1],
    expected: Array.from({ length: all }, () => [{ x: 1, error: 0 }]),
    functions: [] as string[],
    call: `${p}F(${p}i.x.f)`,
  }
}

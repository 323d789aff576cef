/**
 * @file WebGPU in Node: Dawn, from the optional package `webgpu`, loaded when first asked for. Nothing is put on
 * globalThis.
 */
import { fail } from '../core/errors.ts'
import { watchMappings } from './mappings.ts'
import { quietly } from './quiet.ts'

/**
 * Every object that `create` returned. Dawn crashes if one is collected while a device made from it lives, and the
 * process still exits by itself.
 */
const kept: GPU[] = []

/**
 * A new WebGPU instance of Dawn.
 * @param adapter  part of a driver's name, such as `llvmpipe`
 * @param quiet    whether its two lines of every search are kept off a terminal
 * @throws HandgradError if the package `webgpu` is not installed or does not load
 */
export async function createDawn(adapter?: string, quiet = true): Promise<GPU> {
  let dawn: typeof import('webgpu')
  try {
    dawn = await import('webgpu')
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
    const why = missing ? 'the package webgpu is not installed' : `the package webgpu does not load, ${error}`
    return fail('webgpu', why, missing ? 'npm i webgpu' : "use device 'cpu'")
  }
  watchMappings()
  // Dawn compares with the driver's own spelling.
  const name = adapter && /^swiftshader$/i.test(adapter) ? 'SwiftShader' : adapter
  // A page may not learn of others by fine clocks; a process of the user's own may.
  const fine = 'disable-dawn-features=timestamp_quantization'
  const gpu = dawn.create(name ? [`adapter=${name}`, fine] : [fine])
  kept.push(gpu)
  if (quiet) {
    const search = gpu.requestAdapter.bind(gpu)
    gpu.requestAdapter = (options) => quietly(() => search(options))
  }
  return gpu
}

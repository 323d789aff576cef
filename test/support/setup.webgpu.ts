/**
 * @file Runs before each WebGPU test file in Node: finds the adapter, so that the library's own search finds it too.
 */
import { prepareAdapter } from './adapters.ts'
import { announceAdapter } from './announce.ts'

const { name, adapter } = await prepareAdapter()
announceAdapter('node', name, adapter.features)

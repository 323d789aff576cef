/** @file In Node, without the optional package webgpu. */
import { device } from 'handgrad'
import { trainXor } from './xor.mjs'

const result = await trainXor('cpu')
const refusal = await device('webgpu').then(
  () => 'device webgpu was found',
  (error) => error.message,
)
console.log(result === 'ok' && refusal.includes('npm i webgpu') ? 'ok' : `${result}; ${refusal}`)

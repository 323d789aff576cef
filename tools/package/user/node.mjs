/** @file In Node, without the optional packages webgpu and @huggingface/tokenizers. */
import { device } from 'handgrad'
import { loadTokenizer } from 'handgrad/text'
import { trainXor } from './xor.mjs'

const result = await trainXor('cpu')
const said = async (promise) =>
  promise.then(
    () => 'the optional package was found',
    (error) => error.message,
  )
const refusal = await said(device('webgpu'))
const other = await said(loadTokenizer({ 'tokenizer.json': '{ "model": { "type": "Unigram" } }' }))
const right = refusal.includes('npm i webgpu') && other.includes("'Unigram' (npm i @huggingface/tokenizers;")
console.log(result === 'ok' && right ? 'ok' : `${result}; ${refusal}; ${other}`)

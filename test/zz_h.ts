import { createWebGPUDevice } from '../src/webgpu/device.ts'
import { findGpu } from './support/adapters.ts'
import { runRow } from './table/run.ts'
import { normal, ints } from './table/inputs.ts'
import * as ops from '../src/ops/index.ts'
const gpu = await createWebGPUDevice((await findGpu()).gpu, {debug:true, force:{softmax:'group',reduce:'group',extremum:'group',cross_entropy:'group'}})
const R:any = {order:2,bound:{ulp:16,abs:1e-6}}
for (const [op,c] of [['softmax',{x:[normal(70001,2)],forward:true}],['sum',{x:[normal(70001,2)],f:(x:any)=>ops.sum(x,1),forward:true}],['max',{x:[normal(70001,2)],f:(x:any)=>{const r=ops.max(x,1) as any;return [r.values,r.indices]},forward:true}],['crossEntropy',{x:[normal(70001,2),ints(0,2,70001)],f:(x:any,t:any)=>ops.crossEntropy(x,t,{reduction:'none'}),forward:true}]] as any) {
  for (let k=0;k<2;k++){const t=performance.now(); const r=await runRow(op,gpu,['contiguous'],{...R,cases:[c]}); console.log(op,(performance.now()-t).toFixed(0),r.failures.map(f=>f.what.slice(0,100)))}
}
gpu.destroy()

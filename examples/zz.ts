import {main} from './questions/perturb.ts'
import {device} from 'handgrad'
const t=performance.now()
const {errors}=await main(await device('cpu'),{})
for (const d of ['float64','float32'] as const) for (const c of [false,true]) console.log(d,c,(await errors(d,c)).map(v=>v.toExponential(1)).join(' '))
console.log(performance.now()-t)

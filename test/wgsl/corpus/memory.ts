/** @file Snippets of what threads do together: atomics, barriers, subgroups, uniformity. */
import { kernel, section } from './snippet.ts'

const subgroups = (body: string): string => `
  enable subgroups;
  ${kernel(body).trimStart()}`
const atomics = `
  var<workgroup> a: atomic<u32>; var<workgroup> c: array<atomic<i32>, 4>;
  @group(0) @binding(1) var<storage, read_write> b: array<atomic<u32>>;
  `

export const memory = [
  ...section(
    'Atomic Built-in Functions',
    {
      'all of them': `${atomics} fn f(i: u32) {
        atomicStore(&a, 1); atomicStore(&c[i], -1); _ = atomicLoad(&a); _ = atomicAdd(&b[i], 1) + atomicSub(&b[0], 1);
        atomicMax(&a, 1); atomicMin(&c[1], 1); atomicAnd(&a, 1); atomicOr(&a, 1); atomicXor(&a, 1);
        _ = atomicExchange(&a, 2);
        let r = atomicCompareExchangeWeak(&a, 1u, 2u); _ = r.old_value; if r.exchanged { }
        atomicCompareExchangeWeak(&a, 1u, 2u);
        }`,
      'through a pointer': `${atomics}
        fn g(p: ptr<workgroup, atomic<u32>>, q: ptr<storage, array<atomic<u32>>, read_write>) {
          atomicAdd(p, 1); atomicAdd(&q[0], atomicLoad(p));
        }
        fn f() { g(&a, &b); let p = &a; atomicAdd(p, 1u); }`,
    },
    {
      'of a number': kernel('atomicAdd(&y[0], 1); //! atomicAdd|atomic'),
      'of a value in place of a pointer': `${atomics} fn f() { atomicAdd(a, 1); } //! atomicAdd|atomic|a`,
      'of another type': `${atomics} fn f() { atomicAdd(&a, 1i); } //! atomicAdd|i32|u32`,
      'of a float': `${atomics} fn f() { atomicAdd(&a, 1.5); } //! atomicAdd`,
      'in a constant': `${atomics} const d = atomicLoad(&a); //! atomicLoad|const|a`,
      'a store as a value': `${atomics} fn f() { _ = atomicStore(&a, 1); } //! atomicStore|value`,
      'an array of them copied': `${atomics} fn f() { var d = c; } //! atomic|array|constructible`,
      'compared with too few': `${atomics} fn f() {
        _ = atomicCompareExchangeWeak(&a, 1u); //! atomicCompareExchangeWeak
        }`,
    },
  ),
  ...section(
    'Synchronization Built-in Functions',
    {
      barriers: kernel(
        'w[lane] = lane; workgroupBarrier(); y[lane] = w[63 - lane]; storageBarrier(); workgroupBarrier();',
      ),
      'a uniform load': kernel('let n = workgroupUniformLoad(&w[0]); if n > 3 { workgroupBarrier(); }'),
      'a uniform load of an array': kernel('let n = workgroupUniformLoad(&w); y[lane] = n[lane];'),
      'a uniform load of an atomic': `
        var<workgroup> a: atomic<u32>;
        @compute @workgroup_size(64)
        fn main() { atomicAdd(&a, 1); let n = workgroupUniformLoad(&a); if n > 3 { workgroupBarrier(); } }`,
    },
    {
      'a barrier as a value': kernel('_ = workgroupBarrier(); //! workgroupBarrier|value'),
      'a barrier with an argument': kernel('workgroupBarrier(1); //! workgroupBarrier'),
      'a uniform load of a buffer': kernel('_ = workgroupUniformLoad(&y[0]); //! workgroupUniformLoad'),
      'a uniform load of a value': kernel('_ = workgroupUniformLoad(w[0]); //! workgroupUniformLoad'),
    },
  ),
  ...section(
    'Uniformity',
    {
      'a branch by a workgroup': kernel(
        'if group.x > 3 { workgroupBarrier(); } for (var i = 0u; i < group.y; i++) { workgroupBarrier(); }',
      ),
      'after branches that meet again': kernel(
        'if lane > 3 { w[lane] = 1; } else { w[lane] = 2; } workgroupBarrier();',
      ),
      'a loop of constant length': kernel('for (var i = 0; i < 4; i++) { w[lane] += 1; workgroupBarrier(); }'),
      'a return by a workgroup': kernel('if group.x > 3 { return; } workgroupBarrier();'),
      'a parameter from a uniform': `
        @group(0) @binding(0) var<uniform> n: u32; @group(0) @binding(1) var<storage> a: array<u32>;
        fn g(n: u32) { if n > 2 { workgroupBarrier(); } }
        @compute @workgroup_size(64) fn main() { g(n); g(a[n]); g(arrayLength(&a)); }`,
      'a variable that is uniform again': kernel('var n = lane; n = 3; if n > 2 { workgroupBarrier(); }'),
      'a break that all reach': kernel('var i = 0u; loop { if i > group.x { break; } i++; workgroupBarrier(); }'),
      'what a function without a barrier does':
        'fn g(n: u32) -> u32 { if n > 2 { return 1; } return 2; }' + kernel('_ = g(lane); workgroupBarrier();'),
      'an override': 'override n = 4u; @compute @workgroup_size(64) fn main() { if n > 3 { workgroupBarrier(); } }',
      'a variable that every branch sets again': kernel(
        'var n = lane; if group.x > 3 { n = 1; } else { n = 2; } if n > 1 { workgroupBarrier(); }',
      ),
      'after a loop that threads leave at different times': kernel(
        'var i = 0u; loop { if i >= lane { break; } i++; } workgroupBarrier();',
      ),
      'after a switch by a thread': kernel('switch lane { case 1 { w[0] = 1; } default { } } workgroupBarrier();'),
      'a function that returns early by a thread': `
        fn g(n: u32) { if n > 2 { return; } w[n] = 1; }
        ${kernel('g(lane); workgroupBarrier();').trimStart()}`,
      'a parameter that does not decide': `
        fn g(n: u32, m: u32) -> u32 { if m > 2 { workgroupBarrier(); } return m + 0 * n; }
        ${kernel('_ = g(lane, group.x);').trimStart()}`,
      'a result that the parameter of a thread is not in': `
        fn g(n: u32, m: u32) -> u32 { w[n] = 1; return m; }
        ${kernel('if g(lane, group.x) > 3 { workgroupBarrier(); }').trimStart()}`,
      'a struct of builtin values of a workgroup': `
        struct Group { @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u }
        @compute @workgroup_size(64) fn main(group: Group) { if group.id.x < group.count.y { workgroupBarrier(); } }`,
      'through a pointer to what is uniform': `
        fn g(p: ptr<function, u32>) { *p += 1; }
        ${kernel('var n = group.x; g(&n); let p = &n; if *p > 3 { workgroupBarrier(); }').trimStart()}`,
      'an element of what is uniform': kernel(
        'var a = array(1u, 2u, 3u); a[1] = group.x; if a[group.y % 3] > 2 { workgroupBarrier(); }',
      ),
      'and of what is uniform': kernel('if group.x > 1 && group.y > 2 { workgroupBarrier(); }'),
    },
    {
      'a branch by a thread': kernel('if lane > 3 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'a storage barrier in one': kernel('if lane > 3 {\nstorageBarrier(); //! storageBarrier|uniform\n}'),
      'else of one': kernel('if lane > 3 { } else {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'a return by a thread': kernel('if lane > 3 { return; }\nworkgroupBarrier(); //! workgroupBarrier|uniform'),
      'a loop by a thread': kernel(
        'for (var i = 0u; i < lane; i++) {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'a while by a thread': kernel(
        'var i = 0u; while i < lane { i++;\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'a switch by a thread': kernel(
        'switch lane { case 1 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n} default { } }',
      ),
      'a break by a thread': kernel(
        'for (var i = 0u; i < 4; i++) { if lane > i { break; }\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'a continue by a thread': kernel(
        'for (var i = 0u; i < 4; i++) { if lane > i { continue; }\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'a branch by what others write': kernel('if y[0] > 3 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'a branch by workgroup memory': kernel('if w[0] > 3 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'a branch by a private variable': `var<private> a: u32; fn f() { if a > 3 {
        workgroupBarrier(); //! workgroupBarrier|uniform
        } } @compute @workgroup_size(1) fn main() { f(); }`,
      'through a variable': kernel(
        'var n = 0u; if lane > 3 { n = 1; } if n > 0 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'through let and arithmetic': kernel(
        'let n = (lane + group.x) / 2; let b = n > 4; if b {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'through a parameter':
        'fn g(n: u32) { if n > 2 { workgroupBarrier(); //! workgroupBarrier|g|uniform\n} }' + kernel('g(lane);'),
      'through what a function returns':
        'fn g(n: u32) -> u32 { return n + 1; }' +
        kernel('if g(lane) > 3 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'a function with a barrier in a branch':
        'fn g() { workgroupBarrier(); //! workgroupBarrier|g|uniform\n}' + kernel('if lane > 3 { g(); }'),
      'through a pointer':
        'fn g(p: ptr<function, u32>, n: u32) { *p = n; }' +
        kernel('var n = 0u; g(&n, lane); if n > 3 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}'),
      'on the right of and': kernel(
        '_ = lane > 3 && workgroupUniformLoad(&w[0]) > 0; //! workgroupUniformLoad|uniform',
      ),
      'a uniform load in a branch': kernel(
        'if lane > 3 {\n_ = workgroupUniformLoad(&w[0]); //! workgroupUniformLoad|uniform\n}',
      ),
      'an element of an array that one thread chose': kernel(
        'var a = array(1u, 2u); a[lane % 2] = 3; if a[0] > 2 {\nworkgroupBarrier(); //! workgroupBarrier|uniform\n}',
      ),
      'a loop left by a return': kernel(`for (var i = 0u; i < 4; i++) { if lane == i { return; } }
        workgroupBarrier(); //! workgroupBarrier|uniform`),
      'a break if by a thread': kernel(`var i = 0u; loop {
          workgroupBarrier(); //! workgroupBarrier|uniform
          continuing { i++; break if i > lane; } }`),
      'in continuing after a break by a thread': kernel(`var i = 0u; loop { if i > lane { break; } continuing { i++;
          workgroupBarrier(); //! workgroupBarrier|uniform
        } }`),
      'through a pointer in the same function': kernel(`var n = 0u; let p = &n; *p = lane; if n > 3 {
          workgroupBarrier(); //! workgroupBarrier|uniform
        }`),
      'another member of a struct that a thread wrote': `
        struct A { x: u32, y: u32 }
        @compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32) {
          var a: A; a.x = lane; if a.y > 3 {
            workgroupBarrier(); //! workgroupBarrier|uniform
          } }`,
      'a member of a struct of builtin values': `
        struct Thread { @builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u }
        @compute @workgroup_size(64) fn main(thread: Thread) {
          if thread.group.x > 1 { workgroupBarrier(); } //! workgroupBarrier|uniform
        }`,
      'the id of a thread in all': `
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
          if id.x > 1 { workgroupBarrier(); } //! workgroupBarrier|uniform
        }`,
      'an element that a thread chose': kernel(`let a = array(1u, 2u); if a[lane % 2] > 1 {
          workgroupBarrier(); //! workgroupBarrier|uniform
        }`),
      'the result of an atomic': `
        var<workgroup> a: atomic<u32>;
        @compute @workgroup_size(64) fn main() {
          if atomicAdd(&a, 1) > 3 { workgroupBarrier(); } //! workgroupBarrier|uniform
        }`,
      'memory through a pointer to a buffer that is written': `
        @group(0) @binding(0) var<storage, read_write> v: array<u32>;
        fn g(p: ptr<storage, array<u32>, read_write>) -> u32 { return p[0]; }
        @compute @workgroup_size(64) fn main() {
          if g(&v) > 3 { workgroupBarrier(); } //! workgroupBarrier|uniform
        }`,
      'a variable of a loop before': kernel(
        `var n = 0u; for (var i = 0; i < 4; i++) { if n > 2 {
          workgroupBarrier(); //! workgroupBarrier|uniform
        } n = lane; }`,
      ),
    },
  ),
  ...section(
    'Subgroups',
    {
      'reductions and scans': subgroups(
        `
          _ = subgroupAdd(lane) + subgroupExclusiveAdd(lane) + subgroupInclusiveAdd(1u);
          _ = subgroupMul(lane) + subgroupExclusiveMul(lane) + subgroupInclusiveMul(lane);
          _ = subgroupMax(vec3f()); _ = subgroupMin(1i); _ = subgroupAnd(lane) | subgroupOr(lane);
          _ = subgroupXor(vec2u());`,
      ),
      'votes and ballots': subgroups(
        `
          _ = subgroupAll(lane > 3); _ = subgroupAny(lane > 4); let b: vec4u = subgroupBallot(lane > 2);
          if subgroupElect() { y[0] = b.x; }`,
      ),
      'from other threads': subgroups(
        `
          _ = subgroupBroadcast(lane, 3); _ = subgroupBroadcastFirst(vec2f()); _ = subgroupShuffle(lane, 2u);
          _ = subgroupShuffleXor(lane, 1); _ = subgroupShuffleUp(lane, 1); _ = subgroupShuffleDown(1.5f, 1);`,
      ),
      'of four neighbours': subgroups(
        '_ = quadBroadcast(lane, 1); _ = quadSwapX(lane); _ = quadSwapY(vec2f()); _ = quadSwapDiagonal(1i);',
      ),
      'builtin values': `
        enable subgroups;
        @compute @workgroup_size(64)
        fn main(@builtin(subgroup_size) size: u32, @builtin(subgroup_invocation_id) id: u32) { _ = size + id; }`,
      'numbers of subgroups': `
        enable subgroups;
        requires subgroup_id;
        @compute @workgroup_size(64)
        fn main(@builtin(subgroup_id) id: u32, @builtin(num_subgroups) count: u32) { _ = id + count; }`,
      'in a branch of a workgroup': subgroups('if group.x > 3 { _ = subgroupAdd(lane); }'),
      'in a branch by a thread with that rule off':
        'enable subgroups;\ndiagnostic(off, subgroup_uniformity);' + kernel('if lane > 3 { _ = subgroupAdd(lane); }'),
      'in a branch by a thread, the function without that rule': `
        enable subgroups;
        @diagnostic(off, subgroup_uniformity) @compute @workgroup_size(64)
        fn main(@builtin(local_invocation_index) lane: u32) { if lane > 3 { _ = subgroupAdd(lane); } }`,
    },
    {
      'without enable': kernel('_ = subgroupAdd(lane); //! subgroups|enable'),
      'a builtin value without enable':
        '@compute @workgroup_size(64) fn main(@builtin(subgroup_size) n: u32) { } //! subgroup',
      'in a branch by a thread': subgroups('if lane > 3 {\n_ = subgroupAdd(lane); //! subgroupAdd|uniform\n}'),
      'a vote after another that need not be taken': subgroups(
        '_ = subgroupAll(lane > 3) || subgroupAny(lane > 4); //! subgroupAny|uniform',
      ),
      'a sum of a subgroup decides': subgroups(`if subgroupAdd(lane) > 3 {
          workgroupBarrier(); //! workgroupBarrier|uniform
        }`),
      'a sum in a constant': 'enable subgroups;\nconst a = subgroupAdd(1u); //! subgroupAdd',
      'a sum of bools': subgroups('_ = subgroupAdd(lane > 3); //! subgroupAdd'),
      'a sum of a matrix': subgroups('_ = subgroupAdd(mat2x2f()); //! subgroupAdd'),
      'bits of floats': subgroups('_ = subgroupAnd(1.5f); //! subgroupAnd'),
      'broadcast from a thread that is not known': subgroups(
        '_ = subgroupBroadcast(lane, lane); //! subgroupBroadcast|const',
      ),
      'broadcast from beyond': subgroups('_ = subgroupBroadcast(lane, 128); //! subgroupBroadcast|128'),
      'a shuffle from beyond': subgroups('_ = subgroupShuffle(lane, 200); //! subgroupShuffle|200'),
      'the fifth of four': subgroups('_ = quadBroadcast(lane, 4); //! quadBroadcast|4'),
      'votes of numbers': subgroups('_ = subgroupAll(lane); //! subgroupAll'),
      'a result that is not used': subgroups('subgroupAdd(lane); //! subgroupAdd|used?'),
      'a builtin value of another type': `
        enable subgroups;
        @compute @workgroup_size(64) fn main(@builtin(subgroup_size) n: i32) { } //! subgroup_size|u32`,
    },
  ),
]

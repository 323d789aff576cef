// y[e] = op(x, y, z) for every element e: the elementwise operations. The mathematics is in lib/apply_arithmetic, one
// line per operation; pointwise_exp.wgsl and pointwise_angle.wgsl do the same for what is made of exponentials and of
// angles, because drivers compile all that a file has for each of its operations. lib/elements has what they share: how
// operands are read, and the bodies of the entry points.
// The operation is the override OP, so the switch is folded away when the pipeline is made. Operands are 1 to 3
// tensors, read through views; SCALAR (1, 2 or 3) puts the number p.scalar in that position and moves later tensors on
// by one.
// One thread computes one element, or in the vec4 entry points four neighbours. Each input is read once, y written
// once.
// Everything is bound as u32 bits: results of apply are bits too. An op on integers or bools takes p.scalar as an
// integer; where that is not plain from the op (WHERE, COPY), INT = 1 says so.
// kernel: pointwise
// uses: index view bits scale apply apply_arithmetic elements
// consts: apply apply_arithmetic
struct Params { size: u32, d1: u32, d2: u32, scalar: f32, a: vec4<i32>, b: vec4<i32>, c: vec4<i32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read> c: array<u32>;
// The same buffers, four elements at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> a4: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> c4: array<vec4<u32>>;

fn apply(x: u32, y: u32, z: u32) -> u32 { return apply_arithmetic(OP, x, y, z); }

@compute @workgroup_size(LANES)
fn pointwise_1(thread: Thread) { elements_1(thread); }
@compute @workgroup_size(LANES)
fn pointwise_2(thread: Thread) { elements_2(thread); }
@compute @workgroup_size(LANES)
fn pointwise_3(thread: Thread) { elements_3(thread); }
@compute @workgroup_size(LANES)
fn pointwise_vec4_1(thread: Thread) { elements_vec4_1(thread); }
@compute @workgroup_size(LANES)
fn pointwise_vec4_2(thread: Thread) { elements_vec4_2(thread); }
@compute @workgroup_size(LANES)
fn pointwise_vec4_3(thread: Thread) { elements_vec4_3(thread); }
@compute @workgroup_size(LANES)
fn pointwise_rows_1(thread: Thread) { elements_rows_1(thread); }
@compute @workgroup_size(LANES)
fn pointwise_rows_2(thread: Thread) { elements_rows_2(thread); }
@compute @workgroup_size(LANES)
fn pointwise_rows_3(thread: Thread) { elements_rows_3(thread); }

// pointwise.wgsl, continued: the operations of lib/apply_angle.
// kernel: pointwise
// uses: index view bits wide special scale elementary apply apply_angle elements
// consts: apply_angle
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

fn apply(x: u32, y: u32, z: u32) -> u32 { return apply_angle(OP, x, y, z); }

@compute @workgroup_size(LANES)
fn angle_1(thread: Thread) { elements_1(thread); }
@compute @workgroup_size(LANES)
fn angle_2(thread: Thread) { elements_2(thread); }
@compute @workgroup_size(LANES)
fn angle_vec4_1(thread: Thread) { elements_vec4_1(thread); }
@compute @workgroup_size(LANES)
fn angle_vec4_2(thread: Thread) { elements_vec4_2(thread); }
@compute @workgroup_size(LANES)
fn angle_rows_1(thread: Thread) { elements_rows_1(thread); }
@compute @workgroup_size(LANES)
fn angle_rows_2(thread: Thread) { elements_rows_2(thread); }

// pointwise.wgsl, continued: trigonometric and hyperbolic functions, their inverses, and remainders.
// kernel: pointwise
// uses: index view bits wide special elementary elements
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

// One operand, then two.
const SIN = 512u;
const COS = 513u;
const TAN = 514u;
const ASIN = 515u;
const ACOS = 516u;
const ATAN = 517u;
const SINH = 518u;
const COSH = 519u;
const ASINH = 520u;
const ACOSH = 521u;
const ATANH = 522u;

const ATAN2 = 576u;
const POLAR = 577u;
const REMAINDER = 578u;
const FMOD = 579u;
const FLOOR_DIV = 580u;
const TRUNC_DIV = 581u;

fn apply(x: u32, y: u32, z: u32) -> u32 {
  switch OP {
    case SIN: { return bits(own_sin(f(x), 0u)); }
    case COS: { return bits(own_sin(f(x), 1u)); }
    case TAN: { return bits(own_tan(f(x))); }
    case ASIN: { return bits(own_asin(f(x))); }
    case ACOS: { return bits(own_acos(f(x))); }
    case ATAN: { return bits(own_atan(f(x))); }
    case SINH: { return bits(own_sinh(f(x))); }
    case COSH: { return bits(own_cosh(f(x))); }
    case ASINH: { return bits(own_asinh(f(x))); }
    case ACOSH: { return bits(own_acosh(f(x))); }
    case ATANH: { return bits(own_atanh(f(x))); }

    case ATAN2: { return bits(own_atan2(f(x), f(y))); }
    case POLAR: { return bits(own_polar(f(x), f(y))); }
    case REMAINDER: { return bits(own_remainder(f(x), f(y))); }
    case FMOD: { return bits(own_fmod(f(x), f(y))); }
    case FLOOR_DIV: { return bits(own_floor_div(f(x), f(y))); }
    case TRUNC_DIV: { return bits(own_trunc_div(f(x), f(y))); }
    default: { return NAN_BITS; }
  }
}

@compute @workgroup_size(LANES)
fn angle_1(thread: Thread) { elements_1(thread); }
@compute @workgroup_size(LANES)
fn angle_2(thread: Thread) { elements_2(thread); }
@compute @workgroup_size(LANES)
fn angle_vec4_1(thread: Thread) { elements_vec4_1(thread); }
@compute @workgroup_size(LANES)
fn angle_vec4_2(thread: Thread) { elements_vec4_2(thread); }

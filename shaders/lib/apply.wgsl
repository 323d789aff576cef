// What the apply_ libs and their users share: the ranges of op codes, and bits as numbers. Needs lib/bits.

// An op code is CODES_PER_LIB times the number of its lib (0 apply_arithmetic, 1 apply_exp, 2 apply_angle), plus a
// number that says what the operation takes: one operand; from TWO_OPERANDS on two, from TWO_INTEGERS on two integers
// or bools; from THREE_OPERANDS on three.
const CODES_PER_LIB = 256u;
const TWO_OPERANDS = 64u;
const TWO_INTEGERS = 96u;
const THREE_OPERANDS = 128u;

// Bits as a number and back.
fn f(x: u32) -> f32 { return bitcast<f32>(x); }
fn i(x: u32) -> i32 { return bitcast<i32>(x); }
fn bits(x: f32) -> u32 { return bitcast<u32>(x); }
fn bits_i(x: i32) -> u32 { return bitcast<u32>(x); }
fn bits_b(x: bool) -> u32 { return select(0u, 1u, x); }
// Neither is NaN: comparisons with NaN are false, which WGSL does not promise.
fn ordered(x: u32, y: u32) -> bool { return !is_nan(f(x)) && !is_nan(f(y)); }

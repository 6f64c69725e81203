//! The sizes that Fargate offers.

use crate::call::Refusal;

/// CPU units with the smallest and the largest memory and the step between, in MiB.
static SIZES: &[(i64, i64, i64, i64)] = &[
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// The memory sizes of the smallest tasks, which follow no step.
static SMALLEST: (i64, &[i64]) = (256, &[512, 1024, 2048]);

/// Refuses a size that is not offered.
pub(super) fn check(cpu: &str, memory: &str) -> Result<(), Refusal> {
    let size = cpu.parse::<i64>().ok().zip(memory.parse::<i64>().ok());
    if size.is_some_and(|(cpu, memory)| is_offered(cpu, memory)) {
        return Ok(());
    }
    let words = format!(
        "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS \
         documentation for the valid values."
    );
    Err(Refusal::illegal("ClientException", words))
}

fn is_offered(cpu: i64, memory: i64) -> bool {
    if cpu == SMALLEST.0 {
        return SMALLEST.1.contains(&memory);
    }
    SIZES.iter().any(|&(offered, smallest, largest, step)| {
        cpu == offered && (smallest..=largest).contains(&memory) && (memory - smallest) % step == 0
    })
}

#[cfg(test)]
mod tests {
    use super::is_offered;

    #[test]
    fn sizes_follow_the_table() {
        for (cpu, memory, offered) in [
            (256, 512, true),
            (256, 1536, false),
            (1024, 2048, true),
            (1024, 8192, true),
            (1024, 9216, false),
            (1024, 2560, false),
            (4096, 30_720, true),
            (8192, 20_480, true),
            (8192, 18_432, false),
            (300, 1024, false),
        ] {
            assert_eq!(is_offered(cpu, memory), offered, "{cpu}/{memory}");
        }
    }
}

//! Turns `assets/locale/<lang>/<room>.ftl` into typed functions, so that a missing key or a wrong argument fails the build.
use fluent_typed::{BuildOptions, FtlOutputOptions, LintLevel, build_from_locales_folder};
use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn main() -> ExitCode {
    // A migration added without a code change must still reach the binary.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=assets/locale");
    let Some(out) = std::env::var_os("OUT_DIR").and_then(|dir| dir.into_string().ok()) else {
        println!("cargo:warning=OUT_DIR is not set or not UTF-8");
        return ExitCode::FAILURE;
    };
    build_from_locales_folder(
        BuildOptions::default()
            .with_locales_folder("assets/locale")
            .with_default_language("ja")
            .with_prefix("")
            .with_lint_level(LintLevel::Strict)
            .without_bidi_isolation()
            .with_output_file_path(&format!("{out}/l10n.rs"))
            .with_ftl_output(FtlOutputOptions::single_file(&format!("{out}/l10n.ftl"))),
    )
}

//! A PDF read back as text, as a reader's program would.
use std::io::Write;
use std::process::{Command, Stdio};

/// What a reader's program finds on the pages of a PDF, page by page (poppler's pdftotext).
pub fn read(pdf: &[u8]) -> Vec<String> {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs pdftotext (Debian: poppler-utils)");
    let mut stdin = child.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.split('\u{C}').map(ToOwned::to_owned).filter(|page| !page.trim().is_empty()).collect()
}

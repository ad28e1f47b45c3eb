use super::*;

#[test]
fn line_ends() {
    let found: Vec<_> = lines(b"a\r\n\nb\rc\n\r\nlast").collect();
    assert_eq!(found, [&b"a"[..], b"", b"b\rc", b"", b"last"]);
    assert_eq!(lines(b"").count(), 0);
}

import Testing

@testable import SidecarPlugins

struct FormFieldsTests {
  @Test(arguments: [
    ("a=1&b=x%20y+z&a=2", ["a": "1", "b": "x y z"]), ("", [:]), ("a", ["a": ""]), ("a=%zz&b=%4&c=1", ["c": "1"]),
    ("a=b=c&&d=%e4", ["a": "b=c"]),
  ])
  func readsWhatIsEncodedAsInURLs(text: String, fields: [String: String]) {
    #expect(FormFields.read(text) == fields)
    #expect(
      FormFields.read(Array(text.utf8), contentType: "application/x-www-form-urlencoded; charset=utf-8") == fields)
    #expect(FormFields.read(Array(text.utf8), contentType: "text/plain") == [:])
  }

  @Test func readsWhatCurlSendsInParts() {
    let body = """
      --bound\r
      Content-Disposition: form-data; name="version"\r
      \r
      v1.2\r
      --bound\r
      content-disposition: form-data; name=url\r
      Content-Type: text/plain\r
      \r
      http://a/b?c=d\r
      --bound\r
      Content-Disposition: form-data; name="file"; filename="x"\r
      \r
      bytes\r
      --bound--\r

      """
    let fields = ["version": "v1.2", "url": "http://a/b?c=d"]
    #expect(FormFields.read(Array(body.utf8), contentType: "multipart/form-data; boundary=bound") == fields)
    #expect(FormFields.read(Array(body.utf8), contentType: "Multipart/Form-Data; Boundary=\"bound\"") == fields)
    #expect(FormFields.read(Array(body.utf8), contentType: "multipart/form-data; boundary=other") == [:])
    #expect(FormFields.read(Array(body.utf8), contentType: "multipart/form-data") == [:])
    for length in 0..<body.utf8.count {
      // Whatever is cut off, nothing but these fields comes of it.
      let read = FormFields.read(Array(body.utf8.prefix(length)), contentType: "multipart/form-data; boundary=bound")
      #expect(Set(read.keys).isSubset(of: ["version", "url", "file"]))
    }
  }
}

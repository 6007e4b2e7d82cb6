//! Files that officials and programs hand in: bounded in size and time, read whole before anything looks at them.
use crate::base::table::{MAX_FILE_BYTES, XLSX_TYPE};
use crate::web::error::Error;
use crate::web::form::{declared_length, has_type, read_within};
use actix_multipart::Multipart;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_core::Stream;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a file may take: two megabytes over the slow line of a town hall.
pub const UPLOAD_DEADLINE: Duration = Duration::from_secs(60);
/// Room for the bytes that a form puts around a file: boundaries, heads, a few short fields.
const AROUND_BYTES: usize = 16 * 1024;
/// The field of a form that holds the file.
const FILE_FIELD: &str = "file";

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The file of a form, without the name that its owner's machine gave it: nobody needs it. Empty: none was chosen.
pub(crate) struct FormFile(pub(crate) Vec<u8>);

impl FromRequest for FormFile {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let typed = has_type(request, "multipart/form-data");
        let (payload, declared, headers) = (Payload::from_request(request, payload), declared_length(request), request.headers().clone());
        Box::pin(async move {
            if !typed {
                return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
            }
            let payload = payload.await.map_err(|_| Error::internal())?;
            let body = read_within(payload, declared, MAX_FILE_BYTES + AROUND_BYTES, UPLOAD_DEADLINE).await?;
            file_of(&headers, body).await.map(Self)
        })
    }
}

async fn file_of(headers: &HeaderMap, body: Bytes) -> Result<Vec<u8>, Error> {
    let bad = || Error::new(StatusCode::BAD_REQUEST, "body_broken");
    let mut parts = Multipart::new(headers, Once(Some(body)));
    while let Some(part) = std::future::poll_fn(|context| Pin::new(&mut parts).poll_next(context)).await {
        let mut part = part.map_err(|_| bad())?;
        if part.name() == Some(FILE_FIELD) {
            let file = part.bytes(MAX_FILE_BYTES + AROUND_BYTES).await.map_err(|_| bad())?.map_err(|_| bad())?;
            return Ok(file.to_vec());
        }
    }
    Ok(Vec::new())
}

/// A body that is there already, as a stream.
struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// A table as the whole body of a program's request, named CSV or XLSX by its type.
pub(crate) struct TableFile(pub(crate) Vec<u8>);

impl FromRequest for TableFile {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let typed = has_type(request, "text/csv") || has_type(request, XLSX_TYPE);
        let (payload, declared) = (Payload::from_request(request, payload), declared_length(request));
        Box::pin(async move {
            if !typed {
                return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
            }
            let body = read_within(payload.await.map_err(|_| Error::internal())?, declared, MAX_FILE_BYTES, UPLOAD_DEADLINE).await?;
            Ok(Self(body.to_vec()))
        })
    }
}

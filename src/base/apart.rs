//! Keeps the steps of one turn apart: a row that cannot be read, or a panic over it, must not hold up what has nothing to do
//! with it, turn after turn.
use crate::repeated;
use std::fmt::Display;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Why work that was kept apart failed.
#[derive(Debug, thiserror::Error)]
pub enum Failed<E> {
    /// It panicked.
    #[error("it panicked")]
    Panicked,
    /// It says so itself.
    #[error(transparent)]
    By(#[from] E),
}

/// Does work whose panic ends nothing but itself.
///
/// # Errors
/// The work's own, or that it panicked.
pub async fn apart<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, Failed<E>> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(polled) => polled.map_err(Failed::By),
        // It is not polled again.
        Err(_said_by_the_hook) => Poll::Ready(Err(Failed::Panicked)),
    })
    .await
}

/// The steps of one turn. Each is taken, whatever became of those before it.
pub struct Steps<E> {
    first: Option<E>,
}

impl<E> Default for Steps<E> {
    fn default() -> Self {
        Self { first: None }
    }
}

impl<E: Display> Steps<E> {
    /// Takes a step. The first that fails is the turn's error; later ones are logged.
    pub async fn take<T, F>(&mut self, step: impl Future<Output = Result<T, F>>) -> Option<T>
    where
        E: From<Failed<F>>,
    {
        match apart(step).await {
            Ok(done) => Some(done),
            Err(error) => {
                let error = E::from(error);
                if self.first.is_some() {
                    repeated!(warn, "one more step of a turn failed", error);
                } else {
                    self.first = Some(error);
                }
                None
            }
        }
    }

    /// Ends the turn.
    ///
    /// # Errors
    /// That of the first step that failed.
    pub fn end(self) -> Result<(), E> {
        self.first.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_step_is_taken_whatever_became_of_those_before() {
        let mut steps = Steps::<Failed<String>>::default();
        let mut taken = Vec::new();
        let succeeds = async {
            taken.push("first");
            Ok::<(), String>(())
        };
        steps.take(succeeds).await;
        let panics = async {
            taken.push("second");
            tokio::task::yield_now().await;
            if taken.len() == 2 {
                panic!("a row that cannot be read");
            }
            Ok::<(), String>(())
        };
        assert!(steps.take(panics).await.is_none());
        assert!(steps.take(async { Err::<(), _>("refused".to_owned()) }).await.is_none());
        assert_eq!(steps.take(async { Ok::<_, String>(taken.len()) }).await, Some(2));
        assert!(matches!(steps.end(), Err(Failed::Panicked)), "the first that failed");
        assert!(Steps::<Failed<String>>::default().end().is_ok());
    }
}

//! Every route with who may use it, once: the application is built from this table, and so is the law test over it.
use crate::web::error::Error;
use crate::web::{api, assets, console, demo, mailbox, ops, public, question, session, venue, visitor};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, Route, guard, web};

/// The callers who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Everybody without a token; who sends one must be able to trace.
    OpenOrTrace,
    /// A token whose role may view.
    View,
    /// A token whose role may report cases and prepare alerts.
    Trace,
    /// A token whose role may release alerts.
    Approve,
    /// A token whose role may read the audit chain.
    Audit,
    /// A token whose role may manage accounts and tokens.
    Admin,
    /// An official who is logged in and may view.
    ConsoleView,
    /// An official who is logged in and may report cases and prepare alerts.
    ConsoleTrace,
    /// An official who is logged in and may release alerts.
    ConsoleApprove,
    /// An official who is logged in and may read the audit chain.
    ConsoleAudit,
    /// An official who is logged in and may manage accounts.
    ConsoleAdmin,
    /// The holder of a venue's contact mailbox; the handlers ask which venues that reaches.
    Shop,
}

impl Access {
    /// Whether the console's cookie proves who asks, and not a token.
    #[must_use]
    pub fn is_console(self) -> bool {
        matches!(self, Self::ConsoleView | Self::ConsoleTrace | Self::ConsoleApprove | Self::ConsoleAudit | Self::ConsoleAdmin)
    }
}

/// One route: who, method, path.
pub type Entry = (Access, Method, &'static str);

/// Declares the table: `access METHOD "path" => handler`.
macro_rules! routes {
    ($($access:ident $method:ident $path:literal => $handler:path),* $(,)?) => {
        /// Every route of the service.
        #[must_use]
        pub fn table() -> Vec<Entry> {
            vec![$((Access::$access, Method::$method, $path)),*]
        }

        fn handlers() -> Vec<(Method, &'static str, Route)> {
            vec![$((
                Method::$method,
                $path,
                gated(Access::$access, questioned(Method::$method, $path, on(&Method::$method).to($handler)))
            )),*]
        }
    };
}

// The router tries paths in this order, so the hot path stands first. Posters of earlier editions say `/C/`: both stay.
routes! {
    Anyone GET "/c" => visitor::code_form,
    Anyone GET "/c/{code}" => visitor::check_in_form,
    Anyone POST "/c/{code}" => visitor::check_in,
    Anyone GET "/C" => visitor::code_form,
    Anyone GET "/C/{code}" => visitor::check_in_form,
    Anyone POST "/C/{code}" => visitor::check_in,
    Anyone GET "/" => public::home,
    Anyone GET "/about" => public::about,
    Anyone GET "/privacy" => public::privacy,
    Anyone GET "/alerts/check" => public::alert_check,
    Anyone GET "/venues" => public::open_data::venues,
    Anyone GET "/open-data" => public::open_data::overview,
    Anyone GET "/open-data/venues.csv" => public::open_data::venues_csv,
    Anyone GET "/open-data/venues.json" => public::open_data::venues_json,
    Anyone GET "/open-data/check-ins.csv" => public::open_data::check_ins_csv,
    Anyone GET "/open-data/check-ins.json" => public::open_data::check_ins_json,
    Anyone GET "/assets/{file}" => assets::file,
    Anyone GET "/my" => visitor::my::ask_form,
    Anyone POST "/my" => visitor::my::ask,
    Anyone GET "/my/{token}" => visitor::my::show,
    Anyone GET "/my/{token}/export" => visitor::my::export,
    Anyone POST "/my/{token}/forget" => visitor::my::forget,
    Anyone POST "/my/{token}/forget-all" => visitor::my::forget_all,
    Anyone POST "/my/{token}/stop" => visitor::my::stop,
    Anyone POST "/my/{token}/start" => visitor::my::start,
    Anyone GET "/venues/apply" => venue::apply::apply_form,
    Anyone POST "/venues/apply" => venue::apply::apply,
    Anyone GET "/venues/activate" => venue::activate::code_form,
    Anyone GET "/venues/activate/{code}" => venue::activate::form,
    Anyone POST "/venues/activate/{code}" => venue::activate::activate,
    Anyone GET "/venues/confirm/{token}" => venue::confirm_form,
    Anyone POST "/venues/confirm/{token}" => venue::confirm_by_link,
    Anyone GET "/venues/{id}/confirm" => venue::confirm_code_form,
    Anyone GET "/venues/confirm/{token}/{file}" => venue::posters::file,
    Anyone POST "/venues/{id}/confirm" => venue::confirm_by_code,
    Anyone GET "/venues/open/{token}" => venue::shop::login::open_form,
    Anyone POST "/venues/open/{token}" => venue::shop::login::open,
    Anyone GET "/shop/login" => venue::shop::login::form,
    Anyone POST "/shop/login" => venue::shop::login::ask,
    Anyone GET "/shop/login/{id}" => venue::shop::login::digits_form,
    Anyone POST "/shop/login/{id}" => venue::shop::login::by_digits,
    Shop POST "/shop/logout" => venue::shop::login::log_out,
    Shop GET "/shop" => venue::shop::list,
    Anyone GET "/shop/mail/{token}" => venue::shop::mail::form,
    Anyone POST "/shop/mail/{token}" => venue::shop::mail::stop,
    Shop GET "/shop/{id}" => venue::shop::page::show,
    Shop GET "/shop/{id}/posters" => venue::shop::posters::list,
    Shop POST "/shop/{id}/posters" => venue::shop::posters::add,
    Shop GET "/shop/{id}/posters/{no}" => venue::shop::posters::show,
    Shop POST "/shop/{id}/posters/{no}/label" => venue::shop::posters::rename,
    Shop GET "/shop/{id}/posters/{no}/rotate" => venue::shop::posters::rotate_form,
    Shop POST "/shop/{id}/posters/{no}/rotate" => venue::shop::posters::rotate,
    Shop GET "/shop/{id}/posters/{no}/revoke" => venue::shop::posters::revoke_form,
    Shop POST "/shop/{id}/posters/{no}/revoke" => venue::shop::posters::revoke,
    Shop GET "/shop/{id}/kit.pdf" => venue::shop::posters::print_kit,
    Shop GET "/shop/{id}/files/{file}" => venue::shop::posters::file,
    Shop GET "/shop/{id}/edit" => venue::shop::edit::form,
    Shop POST "/shop/{id}/edit" => venue::shop::edit::save,
    Shop GET "/shop/{id}/check" => venue::shop::check::form,
    Shop POST "/shop/{id}/check" => venue::shop::check::begin,
    Shop POST "/shop/{id}/check/code" => venue::shop::check::by_code,
    Shop POST "/shop/{id}/check/end" => venue::shop::check::end,
    Shop GET "/shop/{id}/pause" => venue::shop::acts::pause_form,
    Shop POST "/shop/{id}/pause" => venue::shop::acts::pause,
    Shop POST "/shop/{id}/unpause" => venue::shop::acts::unpause,
    Shop GET "/shop/{id}/close" => venue::shop::acts::close_form,
    Shop POST "/shop/{id}/close" => venue::shop::acts::close,
    Shop POST "/shop/{id}/monthly" => venue::shop::acts::monthly,
    Shop POST "/shop/{id}/answer" => venue::shop::acts::answer,
    ConsoleView GET "/console" => console::dashboard::show,
    Anyone GET "/console/login" => console::login::form,
    Anyone POST "/console/login" => console::login::log_in,
    Anyone GET "/console/recover" => console::login::recover_form,
    Anyone POST "/console/recover" => console::login::recover,
    ConsoleView POST "/console/logout" => console::login::log_out,
    ConsoleView GET "/console/account" => console::account::show,
    ConsoleView GET "/console/account/password" => console::account::password_form,
    ConsoleView POST "/console/account/password" => console::account::change_password,
    ConsoleView GET "/console/account/second-factor" => console::account::factor_form,
    ConsoleView POST "/console/account/second-factor" => console::account::begin_factor,
    ConsoleView POST "/console/account/second-factor/confirm" => console::account::confirm_factor,
    ConsoleView GET "/console/account/recovery-codes" => console::account::codes_form,
    ConsoleView POST "/console/account/recovery-codes" => console::account::make_codes,
    ConsoleView POST "/console/account/sessions/end-others" => console::account::end_others,
    ConsoleView POST "/console/account/sessions/{id}/end" => console::account::end_session,
    ConsoleAdmin GET "/console/officials" => console::officials::list,
    ConsoleAdmin GET "/console/officials/invite" => console::officials::invite_form,
    ConsoleAdmin POST "/console/officials/invite" => console::officials::invite,
    ConsoleAdmin GET "/console/officials/{id}" => console::officials::show,
    ConsoleAdmin POST "/console/officials/{id}" => console::officials::act,
    ConsoleAdmin GET "/console/tokens" => console::tokens::list,
    ConsoleAdmin POST "/console/tokens" => console::tokens::create,
    ConsoleAdmin GET "/console/tokens/{id}" => console::tokens::revoke_form,
    ConsoleAdmin POST "/console/tokens/{id}/revoke" => console::tokens::revoke,
    Anyone GET "/console/invitation/{token}" => console::invitation::form,
    Anyone POST "/console/invitation/{token}" => console::invitation::choose,
    Anyone POST "/console/invitation/{token}/seed" => console::invitation::use_seed,
    Anyone POST "/console/invitation/{token}/confirm" => console::invitation::confirm,
    ConsoleAudit GET "/console/audit" => console::audit::show,
    ConsoleAudit GET "/console/audit/export.csv" => console::audit::export,
    ConsoleAudit POST "/console/audit/verify" => console::audit::verify,
    ConsoleView GET "/console/alerts/{id}/record.pdf" => console::record::page,
    View GET "/api/v1/alerts/{id}/record.pdf" => console::record::api,
    View GET "/api/v1/stats" => api::stats::show,
    Audit GET "/api/v1/audit" => api::audit::list,
    Audit POST "/api/v1/audit/verify" => api::audit::verify,
    ConsoleView GET "/console/cases" => console::cases::list,
    ConsoleTrace POST "/console/cases" => console::cases::create,
    ConsoleTrace GET "/console/cases/new" => console::cases::new_form,
    ConsoleView GET "/console/cases/{id}" => console::cases::one_case::show,
    ConsoleTrace GET "/console/cases/{id}/venues" => console::cases::one_case::venues,
    ConsoleTrace POST "/console/cases/{id}/stays" => console::cases::one_case::add_stays,
    ConsoleTrace POST "/console/cases/{id}/stays/remove" => console::cases::one_case::remove_stay,
    ConsoleTrace POST "/console/cases/{id}/dates" => console::cases::one_case::set_dates,
    ConsoleTrace POST "/console/cases/{id}/notes" => console::cases::one_case::add_note,
    ConsoleTrace POST "/console/cases/{id}/close" => console::cases::one_case::close,
    ConsoleTrace POST "/console/cases/{id}/reopen" => console::cases::one_case::reopen,
    ConsoleView GET "/console/venues" => console::venues::list,
    ConsoleTrace GET "/console/venues/import" => console::venues::lists::form,
    ConsoleTrace POST "/console/venues/import" => console::venues::lists::upload,
    ConsoleTrace GET "/console/venues/import/template.csv" => console::venues::lists::template_csv,
    ConsoleTrace GET "/console/venues/import/template.xlsx" => console::venues::lists::template_xlsx,
    ConsoleTrace GET "/console/venues/import/{id}" => console::venues::lists::show,
    ConsoleTrace POST "/console/venues/import/{id}" => console::venues::lists::make,
    ConsoleTrace POST "/console/venues/import/{id}/release" => console::venues::lists::batch::release,
    ConsoleTrace POST "/console/venues/import/{id}/undo" => console::venues::lists::batch::undo,
    ConsoleTrace POST "/console/venues/import/{id}/letters" => console::venues::lists::letters::of_batch,
    ConsoleTrace GET "/console/venues/export.csv" => console::venues::lists::export_csv,
    ConsoleTrace GET "/console/venues/export.xlsx" => console::venues::lists::export_xlsx,
    ConsoleView GET "/console/venues/{id}" => console::venues::one_venue::show,
    ConsoleTrace POST "/console/venues/{id}/letter" => console::venues::lists::letters::of_venue,
    ConsoleTrace POST "/console/venues/{id}/letter/renew" => console::venues::lists::letters::renew,
    ConsoleTrace POST "/console/venues/{id}/approve" => console::venues::one_venue::approve,
    ConsoleTrace POST "/console/venues/{id}/review" => console::venues::one_venue::review,
    ConsoleTrace GET "/console/venues/{id}/ask" => console::venues::one_venue::ask_form,
    ConsoleTrace POST "/console/venues/{id}/ask" => console::venues::one_venue::ask,
    ConsoleTrace GET "/console/venues/{id}/refuse" => console::venues::one_venue::refuse_form,
    ConsoleTrace POST "/console/venues/{id}/refuse" => console::venues::one_venue::refuse,
    ConsoleTrace GET "/console/venues/{id}/suspend" => console::venues::one_venue::suspend_form,
    ConsoleTrace POST "/console/venues/{id}/suspend" => console::venues::one_venue::suspend,
    ConsoleTrace POST "/console/venues/{id}/reinstate" => console::venues::one_venue::reinstate,
    ConsoleTrace GET "/console/venues/{id}/close" => console::venues::one_venue::close_form,
    ConsoleTrace POST "/console/venues/{id}/close" => console::venues::one_venue::close,
    ConsoleTrace GET "/console/venues/{id}/kit.pdf" => console::venues::one_venue::print_kit,
    ConsoleTrace GET "/console/venues/{id}/contact" => console::venues::contact::form,
    ConsoleTrace POST "/console/venues/{id}/contact" => console::venues::contact::replace,
    ConsoleTrace POST "/console/venues/{id}/answers/read" => console::venues::one_venue::read,
    ConsoleTrace POST "/console/venues/{id}/kana" => console::venues::one_venue::kana,
    ConsoleView GET "/console/alerts" => console::alerts::list,
    ConsoleTrace POST "/console/alerts" => console::alerts::join,
    ConsoleView GET "/console/alerts/{id}" => console::alerts::show,
    ConsoleTrace GET "/console/alerts/{id}/wording" => console::alerts::wording_form,
    ConsoleTrace POST "/console/alerts/{id}/wording" => console::alerts::word,
    ConsoleTrace POST "/console/alerts/{id}/submit" => console::alerts::submit,
    ConsoleApprove POST "/console/alerts/{id}/approve" => console::alerts::approve,
    ConsoleApprove GET "/console/alerts/{id}/return" => console::alerts::send_back_form,
    ConsoleApprove POST "/console/alerts/{id}/return" => console::alerts::send_back,
    ConsoleTrace GET "/console/alerts/{id}/cancel" => console::alerts::cancel_form,
    ConsoleTrace POST "/console/alerts/{id}/cancel" => console::alerts::cancel,
    ConsoleView GET "/console/delivery" => console::delivery::overall,
    ConsoleTrace GET "/console/sending/stop" => console::delivery::stop::stop_form,
    ConsoleTrace POST "/console/sending/stop" => console::delivery::stop::stop,
    ConsoleApprove GET "/console/sending/resume" => console::delivery::stop::resume_form,
    ConsoleApprove POST "/console/sending/resume" => console::delivery::stop::resume,
    ConsoleView GET "/console/alerts/{id}/progress" => console::delivery::progress::show,
    ConsoleView GET "/console/alerts/{id}/events" => console::delivery::events::events,
    ConsoleTrace POST "/console/alerts/{id}/progress/pause" => console::delivery::acts::pause,
    ConsoleApprove POST "/console/alerts/{id}/progress/resume" => console::delivery::acts::resume,
    ConsoleTrace GET "/console/alerts/{id}/progress/cancel" => console::delivery::acts::cancel_form,
    ConsoleTrace POST "/console/alerts/{id}/progress/cancel" => console::delivery::acts::cancel,
    ConsoleApprove GET "/console/alerts/{id}/progress/late" => console::delivery::acts::late_form,
    ConsoleApprove POST "/console/alerts/{id}/progress/late" => console::delivery::acts::late,
    ConsoleApprove GET "/console/alerts/{id}/progress/retry" => console::delivery::acts::retry_form,
    ConsoleApprove POST "/console/alerts/{id}/progress/retry" => console::delivery::acts::retry,
    ConsoleApprove GET "/console/alerts/{id}/progress/send-again" => console::delivery::again::form,
    ConsoleApprove POST "/console/alerts/{id}/progress/send-again" => console::delivery::again::send,
    ConsoleApprove GET "/console/alerts/{id}/progress/give-up" => console::delivery::acts::give_up_form,
    ConsoleApprove POST "/console/alerts/{id}/progress/give-up" => console::delivery::acts::give_up,
    ConsoleTrace GET "/console/alerts/{id}/progress/correct" => console::delivery::acts::correct_form,
    ConsoleTrace POST "/console/alerts/{id}/progress/correct" => console::delivery::acts::correct,
    Anyone GET "/demo" => demo::show,
    Anyone GET "/mailbox" => mailbox::list,
    Anyone GET "/mailbox/{no}" => mailbox::show,
    Anyone GET "/healthz" => ops::healthz,
    Anyone GET "/readyz" => ops::readyz,
    Anyone GET "/api/v1/openapi.json" => api::openapi::document,
    Anyone POST "/api/v1/check-ins" => api::check_in::create,
    OpenOrTrace POST "/api/v1/venues" => api::venues::create,
    View GET "/api/v1/venues" => api::venues::list,
    Trace POST "/api/v1/venues/import" => api::venue_lists::create,
    Trace GET "/api/v1/venues/import/{id}" => api::venue_lists::show,
    Trace POST "/api/v1/venues/import/{id}/release" => api::venue_lists::release,
    Trace POST "/api/v1/venues/import/{id}/undo" => api::venue_lists::undo,
    Trace POST "/api/v1/venues/import/{id}/letters" => api::venue_lists::print_letters,
    Trace GET "/api/v1/venues/export.csv" => api::venue_lists::export_csv,
    Trace GET "/api/v1/venues/export.xlsx" => api::venue_lists::export_xlsx,
    View GET "/api/v1/venues/{id}" => api::venues::show,
    Trace POST "/api/v1/venues/{id}/approve" => api::venues::approve,
    Trace POST "/api/v1/venues/{id}/refuse" => api::venues::refuse,
    Trace POST "/api/v1/venues/{id}/ask" => api::venues::ask,
    Trace POST "/api/v1/venues/{id}/contact" => api::venues::contact,
    Trace POST "/api/v1/venues/{id}/suspend" => api::venues::suspend,
    Trace POST "/api/v1/venues/{id}/reinstate" => api::venues::reinstate,
    Trace POST "/api/v1/venues/{id}/close" => api::venues::close,
    Trace GET "/api/v1/venues/{id}/posters" => api::venues::posters,
    Trace GET "/api/v1/venues/{id}/kit.pdf" => api::venues::print_kit,
    Trace POST "/api/v1/venues/{id}/letter" => api::venue_lists::print_letter,
    Trace POST "/api/v1/venues/{id}/letter/renew" => api::venue_lists::renew_letter,
    Trace GET "/api/v1/posters/{file}" => api::venues::poster_file,
    Admin GET "/api/v1/officials" => api::officials::list,
    Admin POST "/api/v1/officials" => api::officials::invite,
    Admin GET "/api/v1/officials/{id}" => api::officials::show,
    Admin POST "/api/v1/officials/{id}/role" => api::officials::change_role,
    Admin POST "/api/v1/officials/{id}/disable" => api::officials::disable,
    Admin POST "/api/v1/officials/{id}/enable" => api::officials::enable,
    Admin POST "/api/v1/officials/{id}/reset" => api::officials::reset,
    Admin POST "/api/v1/officials/{id}/withdraw" => api::officials::withdraw,
    Admin POST "/api/v1/officials/{id}/confirm" => api::officials::confirm,
    Admin GET "/api/v1/tokens" => api::officials::tokens,
    Admin POST "/api/v1/tokens" => api::officials::create_token,
    Admin POST "/api/v1/tokens/{id}/revoke" => api::officials::revoke_token,
    View GET "/api/v1/cases" => api::cases::list,
    Trace POST "/api/v1/cases" => api::cases::create,
    View GET "/api/v1/cases/{id}" => api::cases::show,
    Trace POST "/api/v1/cases/{id}/stays" => api::cases::stays,
    Trace POST "/api/v1/cases/{id}/notes" => api::cases::notes,
    Trace POST "/api/v1/cases/{id}/close" => api::cases::close,
    Trace POST "/api/v1/cases/{id}/reopen" => api::cases::reopen,
    Trace POST "/api/v1/alerts" => api::alerts::create,
    View GET "/api/v1/alerts" => api::alert_decisions::list,
    View GET "/api/v1/alerts/{id}" => api::alerts::show,
    Trace GET "/api/v1/alerts/{id}/preview" => api::alert_decisions::preview,
    Trace POST "/api/v1/alerts/{id}/wording" => api::alert_decisions::wording,
    Approve POST "/api/v1/alerts/{id}/return" => api::alert_decisions::send_back,
    Trace POST "/api/v1/alerts/{id}/submit" => api::alerts::submit,
    Approve POST "/api/v1/alerts/{id}/approve" => api::alerts::approve,
    Trace POST "/api/v1/alerts/{id}/cancel" => api::alerts::cancel,
    Trace POST "/api/v1/alerts/{id}/pause" => api::alerts::pause,
    Approve POST "/api/v1/alerts/{id}/resume" => api::alerts::resume,
    Approve POST "/api/v1/alerts/{id}/release-late" => api::alerts::release_late,
    View GET "/api/v1/alerts/{id}/delivery" => api::delivery::of_alert,
    Approve POST "/api/v1/alerts/{id}/retry" => api::delivery::retry,
    Approve POST "/api/v1/alerts/{id}/send-again" => api::delivery::send_again,
    Approve POST "/api/v1/alerts/{id}/give-up" => api::delivery::give_up,
    Trace POST "/api/v1/alerts/{id}/correct" => api::delivery::correct,
    View GET "/api/v1/delivery" => api::delivery::overall,
    View GET "/api/v1/sending" => api::delivery::sending,
    Trace POST "/api/v1/sending/stop" => api::delivery::stop,
    Approve POST "/api/v1/sending/resume" => api::delivery::resume,
}

/// A route for a method; HEAD is a GET whose body stays at home (RFC 9110 §9.3.2).
fn on(method: &Method) -> Route {
    match *method {
        Method::GET => Route::new().guard(guard::Any(guard::Get()).or(guard::Head())),
        ref method => Route::new().method(method.clone()),
    }
}

/// Refuses what a program's question holds that the route does not know; who asks is proven first.
fn questioned(method: Method, path: &'static str, route: Route) -> Route {
    if path.starts_with("/api/") {
        route.wrap(from_fn(move |request, next| question::judge(method.clone(), path, request, next)))
    } else {
        route
    }
}

/// Puts the proof of who asks before a handler that is not for everybody.
fn gated(access: Access, route: Route) -> Route {
    match access {
        Access::Anyone => route,
        access => route.wrap(from_fn(move |request, next| session::prove(access, request, next))),
    }
}

/// Registers every route with the application; a wrong method is told which are right.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<(&'static str, Vec<(Method, Route)>)> = Vec::new();
    for (method, path, route) in handlers() {
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, routes)) => routes.push((method, route)),
            None => paths.push((path, vec![(method, route)])),
        }
    }
    for (path, routes) in paths {
        config.service(resource(path, routes));
    }
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(Error::not_found()) }));
}

fn resource(path: &str, routes: Vec<(Method, Route)>) -> Resource {
    let mut allowed: Vec<&str> = Vec::new();
    for (method, _) in &routes {
        match *method {
            Method::GET => allowed.extend(["GET", "HEAD"]),
            Method::POST => allowed.push("POST"),
            _ => {}
        }
    }
    let allow = allowed.join(", ");
    let mut resource = web::resource(path);
    for (_, route) in routes {
        resource = resource.route(route);
    }
    resource.default_service(web::to(move || {
        let error = Error { allow: Some(allow.clone()), ..Error::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed") };
        async move { Err::<HttpResponse, _>(error) }
    }))
}

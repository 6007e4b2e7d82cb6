# Kinds of venues, what being there is called, states, and letters to a venue's contact.
venue-kind-restaurant = Restaurant or café
venue-kind-bar = Bar or live house
venue-kind-shop = Shop
venue-kind-public = Library, museum or public facility
venue-kind-school = School
venue-kind-medical = Medical or care
venue-kind-office = Office
venue-kind-event = Event
venue-kind-other = Other

venue-visit-shop = visit
venue-visit-public = visit
venue-visit-event = visit
venue-visit-medical = visit
venue-visit-other = visit

venue-status-unconfirmed = Waiting for the email to be confirmed
venue-status-pending = Waiting for approval
venue-status-active = Active
venue-status-refused = Not accepted
venue-status-suspended = Stopped
venue-status-closed = Closed

venue-poster-entrance = Entrance

venue-moment = { $time } on { $date }

venue-confirmation-subject = [{ $city }] Please confirm your application
venue-confirmation-body =
    We received an application from “{ $name }” for “{ $service }” of { $city }.
    It is not complete yet. Confirm it in one of two ways.

    1. Open this link and press the button
    { $link }

    2. Type this number on the page where you applied
    { $digits }

    Both work until { $until }.

    If you did not apply, do nothing. The application lapses and your email address is erased.

venue-approved-subject = [{ $city }] You can use your posters now
venue-approved-body =
    The application of “{ $name }” for “{ $service }” is approved.
    From today people can scan your posters and check in.

    Print your posters here.
    { $page }
    The link works until { $until }.

venue-refused-subject = [{ $city }] About your application
venue-refused-body =
    We looked at the application of “{ $name }” for “{ $service }” and could not accept it.

    The reason:
    { $reason }

    If you have printed posters already, please do not hang them.

    You can correct it and apply again. If you have questions, ask { $city }.

venue-suspended-subject = [{ $city }] Your posters are stopped
venue-suspended-body =
    We stopped the posters of “{ $name }”. Nobody can check in with them for now.
    Records made so far are not lost.

    Ask { $city } how to start again.

venue-resumed-subject = [{ $city }] Your posters work again
venue-resumed-body =
    The posters of “{ $name }” work again.
    Go on using the ones that hang there.

    To print them again, open this page.
    { $page }
    The link works until { $until }.

venue-closed-subject = [{ $city }] Your venue is closed
venue-closed-body =
    “{ $name }” is closed in our service.
    Its posters no longer work. Please take them down.

    Records made so far are erased { $days } days after each day.

venue-question-subject = [{ $city }] A question about your venue
venue-question-body =
    About “{ $name }” in “{ $service }”, the staff of { $city } would like to ask you:

    { $question }

    Please answer on your own page.
    { $page }

    You may also phone: { $hotline } ({ $hours }).
    A reply to this email does not reach us.

venue-contact-subject = [{ $city }] The mailbox of your venue was changed
venue-contact-left-body =
    An official of { $city } changed the mailbox of “{ $name }” at “{ $service }” to another address.
    From now on letters no longer arrive here. Your posters stay as they are.

    If you know nothing of this, call { $hotline } ({ $hours }) at once.
venue-contact-taken-body =
    An official of { $city } made this the mailbox of “{ $name }” at “{ $service }”.
    From now on letters arrive here. Your posters stay as they are.

    If you know nothing of this, call { $hotline } ({ $hours }).
venue-contact-link =
    Posters and numbers are here:
    { $page }
    The link works until { $until }.

venue-letter-foot =
    This email was sent automatically. Please do not reply.
    { $operator } · { $service }
    { $host }

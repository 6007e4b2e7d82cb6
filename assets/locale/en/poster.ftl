# What stands on a poster, in smaller letters below the Japanese.
poster-headline-entrance = Please scan when you come in
poster-headline-seat = Please scan when you sit down
poster-headline-till = Please scan before you pay
poster-headline-event = Please scan as you enter the venue
poster-service = Exposure Notice Service
poster-type-code = If it does not scan, type this code at { $address }
poster-step-scan = Scan
poster-step-email = Enter your email
poster-step-show = Show the screen
poster-why = If someone infected was here that day, the city emails you. Erased after { $days } days.
poster-number = No. { $no }
poster-hotline = Feeling unwell? Call
poster-sticker = If a sticker covers this, please tell the staff.
poster-edition = Version { $edition }, { $issued }
poster-edition-until = Version { $edition }, { $issued }, valid until { $until }
poster-title = { $venue } { $label }: poster

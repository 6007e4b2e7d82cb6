# What stands on the sheets of the print kit (docs/LOOK.md §7). A line break here is a line break on paper.
# $venue (String) - Name of the venue
kit-title = { $venue }の掲示キット
# $city (String) - Name of the city
kit-title-city = { $city }の掲示キット
kit-page-title = 印刷
kit-page-all = 掲示キットを開く（PDF）
# $characters (String) - Characters that the typeface lacks
kit-page-missing = 名前や場所の「{ $characters }」は書体にない文字です。紙では 〓 になります。
# $parts (String) - Parts of the kit on which the code of so long a link would be too fine to be read
kit-page-narrow = このサービスのホスト名が長く、コードが細かくなりすぎるため、印刷できません：{ $parts }。
kit-part-guide = 印刷と掲示のしかた
kit-part-a4 = 壁のポスター A4
kit-part-a3 = 壁のポスター A3
kit-part-a5 = レジのカード A5
kit-part-tent = 三角POP（A4を折る）
kit-part-cards = テーブルカード（名刺用紙10面）
kit-part-labels21 = シール 大（ラベル21面）
kit-part-labels65 = シール 小（ラベル65面）
kit-part-staff = 控え室のカード A5
kit-part-letter = 利用開始の手紙
kit-headline-staff =
    出勤したら、
    読み取ってください
kit-card-headline =
    読み取って
    ください
kit-label-headline = 読み取ってください
kit-assure = メールアドレスを入れるだけ。お店には見えません。
kit-sticker-short = 上に別のシールがあれば係の方へ
# $edition (String) - Count of editions of this poster
kit-edition-short = 第{ $edition }版
kit-tent-flap = のりしろ　ここを底の裏に貼ります
kit-tent-base = 底　点線を山に折って、三角に立てます。切るところはありません。
kit-ruler = この線が 50 mm なら、正しい大きさです。
kit-at-100 = 100％（実際のサイズ）で印刷
kit-sheet-cards = 名刺サイズ 91×55 mm　10面
kit-sheet-labels21 = ラベル 70×42.3 mm　21面
kit-sheet-labels65 = ラベル 38.1×21.2 mm　65面
# $page (String) - Number of a page
kit-guide-page = { $page }ページ
# $from (String) - Number of the first page
# $to (String) - Number of the last page
kit-guide-pages = { $from }〜{ $to }ページ
kit-guide-print = コンビニで印刷する
kit-guide-print-send = このファイルをスマートフォンかUSBメモリに入れ、コンビニのマルチコピー機で「PDFのプリント」を選びます。
kit-guide-print-pages = 使うページだけを選びます。用紙は、A3のポスターがA3、ほかはA4です。A5のカードはA4に印刷して切ります。
kit-guide-print-size = 「小さめ」や「用紙に合わせる」を選ばず、100％（実際のサイズ）で印刷します。白黒でも読み取れます。
kit-guide-print-proof = 下の線をものさしで測ります。50 mm なら、正しい大きさです。シールの紙は、まずふつうの紙で試します。
kit-guide-hang = 掲示する場所
kit-guide-hang-height = QRコードの中心を、床から110〜130 cm に。車いすの方や子どもにも届く高さです。
kit-guide-hang-door = 入口ごとに1枚、建物の内側の、立ち止まれる所に。開けると隠れる引き戸のガラスは避けます。
kit-guide-hang-glare = 照明や窓の光が映りこまない所に。つやのあるカバーには入れません。
kit-guide-hang-more = レジの横、メニューの最後のページ、席の上にも置けます。
kit-guide-check = 掲示したあと
kit-guide-check-scan = 一度スマートフォンで読み取り、名前が合っているか確かめます。
kit-guide-check-sticker = 月に一度、上に別のシールが貼られていないか見ます。貼られていたら、読み取らずに相談窓口へ。
kit-guide-check-lost = なくした1枚だけを、新しいコードに替えられます。ほかの紙はそのまま使えます。
kit-guide-nfc = NFCタグに書くURL
# $count (String) - Number of posters whose link is not shown here
kit-guide-nfc-more = ほか{ $count }枚のURLは、店舗のページで見られます。
# $count (String) - Number of characters
kit-guide-missing = この書体にない文字が{ $count }つあり、〓 と印刷されます。店舗のページで、別の字に直せます。
kit-staff-title = 係の方へ
kit-staff-seen = 「登録できました」の画面を見せてもらいます。緑の画面です。
kit-staff-names = 名前や電話番号は聞きません。メールアドレスは、お店には見えません。
# $address (String) - Where a code is typed: host/c
kit-staff-typed = 読み取れない方には、{ $address } にポスターの12文字を入れるよう案内します。
kit-staff-sticker = 毎朝、ポスターの上に別のシールが貼られていないか見ます。
kit-staff-hotline = 困ったとき　相談窓口
# $name (String) - Name of the venue
kit-letter-to = { $name }　御中
kit-letter-title = ご利用開始のお願い
kit-letter-body =
    感染した方と同じ日に施設を利用した方へ、市からメールでお知らせするサービスです。
    貴施設のポスターを用意しました。次のどちらかで始めてください。費用はかかりません。
kit-letter-scan = スマートフォンで、左のQRコードを読み取る
# $page (String) - Where the code is typed
kit-letter-typed = または { $page } に、次のコードを入れる
# $date (String) - Last day on which the code works
kit-letter-until = このコードは{ $date }まで使えます。
kit-letter-then =
    ポスターは同封しています。メールアドレスを入れると、人数のページも使えます。
    お店に伝わるのは、その日の人数だけです。
    市から電話やSMSで個人情報やお金をお願いすることはありません。
kit-letter-ask = 心当たりのないとき、内容が違うとき　相談窓口

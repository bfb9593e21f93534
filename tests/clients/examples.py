"""Finds a comment for every verdict by asking phin, for its model is trained anew now and then, and runs a command that is told them.

Usage: examples.py COMMAND..., which finds them in $PHIN_HAM, $PHIN_UNSURE, $PHIN_SPAM and $PHIN_DISCARD. Asking teaches phin nothing.
"""

import json
import os
import sys
import urllib.request

CANDIDATES = {
    "ham": [
        "Cảm ơn bạn, bài viết rất dễ hiểu, mình đã làm theo và chạy được rồi.",
        "The second paragraph answers what I had been wondering about, thanks.",
        "Has anyone tried this with wholemeal flour? Mine stayed rather flat.",
        "I disagree with the last point, but the rest of it is very well argued.",
        "Thank you for the recipe, my bread came out much better this time than last week.",
        "Mình đọc lại lần thứ hai mới hiểu đoạn cuối, tác giả giải thích kỹ quá.",
        "Where exactly was the third photograph taken? I know that bridge from somewhere.",
        "Does this still work with the older release, or do I have to wait for the next one?",
        "Bài này viết năm nào vậy ạ, mình thấy số liệu hơi khác bây giờ.",
        "I think you mean the second chapter, not the third; the letter comes later.",
        "You forgot to mention the salt, without it the dough stays sticky.",
        "My grandmother used to do it the same way, with a wooden spoon and much patience.",
        "Mình thích nhất đoạn tả cơn mưa ở cuối truyện, đọc mà nhớ nhà.",
        "The test fails on my machine since the update, line forty says the file is missing.",
        "We had the same weather in our valley that spring, and the plums froze too.",
        "I read this on the train this morning and nearly missed my station.",
        "The chapter on rivers is the one I keep coming back to, it is so calmly told.",
        "Cảm ơn tác giả, đoạn nói về mẹ làm mình nhớ nhà quá.",
        "Is the bridge still closed? We wanted to walk there on Sunday.",
        "Mình thử nấu theo cách này, nước dùng trong hơn hẳn mọi lần.",
        "Your photographs of the old station made me look for my father's albums.",
        "I had the same question about the second step, and the answer above settled it.",
        "Năm ngoái mình cũng đi đường này, trời mưa nên không thấy được núi.",
        "There is a small mistake in the table: the third column should say eight.",
        "We tried it with rye and it rose just as well, only more slowly.",
        "Con mình đọc xong cứ hỏi mãi về con cá ở cuối truyện.",
        "It took me three evenings to read all of it, and I am sorry it is over.",
        "The light in the last picture is wonderful, was that early in the morning?",
        "Bài trước anh viết về hồ cũng hay, mong anh viết tiếp.",
        "My teacher used to say the same, and we never believed him.",
    ],
    "unsure": [
        "You can compare prices at my shop http://garden-tools.example if you like",
        "I earn some money online with a small course, ask me how",
        "Great post, visit my website for more information about gardening tools",
        "Shop mình có bán sách cũ, ai cần thì inbox",
        "We sell second hand lenses, write to me for the price list",
        "Bạn nào cần vay thì nhắn mình nhé",
        "Our team writes articles like this one, send us a mail and ask for the prices",
        "Nhà mình cho thuê phòng gần trường, bạn nào quan tâm thì gọi mình",
        "Anyone who needs a plumber in town can write to me, I answer the same day",
        "I wrote a longer guide on my own page http://my-guide.example with pictures",
        "Mình có khóa học nhỏ về nấu ăn, ai muốn học thì nhắn tin",
        "Join our group for more recipes, the link is in my profile",
        "Our company repairs such machines, have a look at http://repairs.example",
        "Quán mình mới mở gần chợ, mời mọi người ghé thử",
        "I found a cheap hotel through http://travel-deals.example last summer",
    ],
    "spam": [
        "Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, zalo 0912 000 345",
        "Nice blog! I will share it with my friends. Check my profile for more",
        "Cheap viagra and cialis without prescription, order now http://pills.example",
        "Make money online from home, 500 dollars a day, join http://easy-money.example",
        "Tuyển cộng tác viên làm tại nhà, lương 500k một ngày, liên hệ zalo 0912 000 345",
        "Best casino bonus, no deposit, play now http://casino.example",
        "Buy replica watches online, best prices, free shipping http://watches.example",
        "Mua thuốc giảm cân chính hãng, giá rẻ, liên hệ zalo 0912 000 345",
        "Win a free iphone, click here http://prize.example",
        "Invest in bitcoin and double your money, telegram @crypto_profit",
        "Nhận làm bằng cấp, chứng chỉ, giao hàng toàn quốc, liên hệ 0912 000 345",
        "Cheap viagra online, no prescription needed, visit http://pills.example",
        "Work from home and earn 300 dollars a day, write to me on telegram @easy_jobs",
        "Buy instagram followers, fast delivery, http://followers.example",
        "Your page is not on google, we do cheap SEO, http://seo-service.example",
        "Cần bán acc game giá rẻ, uy tín, liên hệ zalo 0912 000 345",
        "Nhà cái uy tín, nạp đầu tặng 100%, đăng ký tại http://nhacai.example",
        "Dịch vụ thông cống nghẹt giá rẻ, có mặt sau 20 phút, hotline 0912 000 345",
        "Best seo company in town, more traffic for your site, visit http://seo-traffic.example",
        "Sim số đẹp giá rẻ, giao tận nơi, liên hệ zalo 0912 000 345",
        "Bán nick game giá rẻ, bảo hành, ib zalo 0912 000 345",
        "Nhóm kéo cổ phiếu miễn phí, lãi 20% mỗi tháng, vào nhóm zalo 0912 000 345",
        "Soi cầu miền bắc chuẩn, chốt số mỗi ngày, zalo 0912 000 345",
        "Call the support number +1 202 555 0143 to get your refund from the airline",
        "Follow my youtube channel for free gift cards http://gift-cards.example",
        "Kem trị nám gia truyền, hết nám sau 2 tuần, liên hệ zalo 0912 000 345",
        "I make 4000 dollars a week trading forex with my mentor, write him on whatsapp +1 202 555 0143",
    ],
    "discard": [
        "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143",
        "Vay tiền nhanh không thế chấp http://vay-nhanh.top zalo 0912 000 345, nợ xấu vẫn duyệt, giải ngân trong 5 phút!!! Telegram @vaynhanh24h",
        "Kiếm tiền online tại nhà, thu nhập 10 triệu một tháng, inbox zalo 0912 000 345 hoặc telegram @kiemtien http://kiem-tien.top",
        "BUY CHEAP VIAGRA CIALIS ONLINE!!! no prescription http://pills-shop.top http://cheap-pills.xyz WhatsApp +1 202 555 0143 best price casino bonus",
    ],
}


# Who may send them: the verdict must not hang on it.
SENDERS = [
    {},
    {"author": "An Nguyen", "email": "an.nguyen@mail.example"},
    {"author": "An Nguyen", "ip": "203.0.113.9", "user_agent": "Mozilla/5.0", "type": "comment"},
    {"author": "An Nguyen", "email": "an.nguyen@mail.example", "ip": "203.0.113.9", "user_agent": "Mozilla/5.0", "type": "contact-form"},
]


def verdict(text, **sender):
    """What phin thinks of a comment, and nothing learnt."""
    body = {"site": "http://examples.test", "text": text, "test": True, **sender}
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    request = urllib.request.Request("http://127.0.0.1:8080/v1/check", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["verdict"]


def fitting(wanted):
    """The candidates that have this verdict whoever sends them."""
    found = [text for text in CANDIDATES[wanted] if all(verdict(text, **sender) == wanted for sender in SENDERS)]
    if not found:
        sys.exit(f"of the candidates for {wanted} none is {wanted} to this model any more; add some to tests/clients/examples.py")
    return found


def main():
    for wanted in CANDIDATES:
        os.environ[f"PHIN_{wanted.upper()}"] = fitting(wanted)[0]
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
